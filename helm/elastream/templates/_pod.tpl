{{- define "elastream.probe" -}}
{{- $root := index . 0 }}
httpGet: { path: /health/{{ index . 1 }}, port: http, scheme: {{ ternary "HTTPS" "HTTP" $root.Values.tls.enabled }} }
{{- end -}}

{{- /* The environment of a service: (list $ NAME SERVICE LINKS). */ -}}
{{- define "elastream.environment" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- $service := index . 2 -}}
{{- $links := index . 3 -}}
{{- $v := $root.Values -}}
env:
  - { name: ELASTREAM_NODE, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
  {{- $own := dict }}
  {{- range $service.extraEnv }}{{ $_ := set $own .name true }}{{ end }}
  {{- if not (hasKey $own "ELASTREAM_GRPC_ADVERTISE") }}
  # Nobody resolves a pod's name: without its address no other service reaches it.
  - { name: ELASTREAM_GRPC_ADVERTISE, valueFrom: { fieldRef: { fieldPath: status.podIP } } }
  {{- end }}
  - { name: ELASTREAM_GRPC_LISTEN, value: '0.0.0.0:7400' }
  - { name: ELASTREAM_HTTP_LISTEN, value: '0.0.0.0:7480' }
  - { name: ELASTREAM_LOG_LEVEL, value: {{ $v.log.level }} }
  - { name: ELASTREAM_INSECURE, value: {{ ternary "1" "0" $v.insecureNetwork | quote }} }
  - { name: ELASTREAM_KEEP_MODELS, value: {{ $v.keepModels | toString | quote }} }
  - { name: KAFKA_BROKERS, value: {{ include "elastream.kafkaBrokers" $root | quote }} }
  - { name: KAFKA_REPLICAS, value: {{ $v.kafka.replicas | toString | quote }} }
  - { name: KAFKA_MIN_INSYNC_REPLICAS, value: {{ $v.kafka.minInsyncReplicas | toString | quote }} }
  - { name: KAFKA_FLUSH, value: {{ ternary "1" "0" $v.kafka.flush | quote }} }
  {{- if include "elastream.kafkaTls" $root }}
  - { name: KAFKA_CA_FILE, value: /etc/elastream/kafka-ca/{{ $v.kafka.tls.caKey }} }
  {{- end }}
  {{- if include "elastream.kafkaSasl" $root }}
  - { name: KAFKA_SASL_MECHANISM, value: {{ $v.kafka.sasl.mechanism }} }
  - { name: KAFKA_USERNAME, value: {{ include "elastream.kafkaUser" (list $root $name) | quote }} }
  - { name: KAFKA_PASSWORD_FILE, value: /etc/elastream/kafka/{{ $v.kafka.sasl.passwordKey }} }
  {{- end }}
  {{- if has "nats" $links }}
  - { name: NATS_URL, value: {{ include "elastream.natsServers" $root | quote }} }
  - { name: NATS_NAMESPACE, value: {{ $v.nats.namespace | quote }} }
  {{- if $v.nats.tls.enabled }}
  - { name: NATS_CA_FILE, value: /etc/elastream/nats-ca/{{ $v.nats.tls.caKey }} }
  {{- end }}
  {{- if $v.nats.nkey.existingSecret }}
  - { name: NATS_NKEY_SEED_FILE, value: /etc/elastream/nats/{{ $v.nats.nkey.key }} }
  {{- end }}
  {{- if $v.nats.credentials.existingSecret }}
  - { name: NATS_CREDENTIALS_FILE, value: /etc/elastream/nats/{{ $v.nats.credentials.key }} }
  {{- end }}
  {{- end }}
  {{- if has "clickhouse" $links }}
  - { name: CLICKHOUSE_URL, value: {{ include "elastream.clickhouseUrl" $root | quote }} }
  {{- with $v.clickhouse.database }}
  - { name: CLICKHOUSE_DATABASE, value: {{ . | quote }} }
  {{- end }}
  {{- if eq $name "gateway" }}
  {{- with $v.clickhouse.reader.username }}
  - { name: CLICKHOUSE_READER_USERNAME, value: {{ . | quote }} }
  - { name: CLICKHOUSE_READER_PASSWORD_FILE, value: /etc/elastream/clickhouse/{{ include "elastream.clickhouseKey" (list $root "reader") }} }
  {{- end }}
  {{- else }}
  - { name: CLICKHOUSE_USERNAME, value: {{ $v.clickhouse.username | quote }} }
  - { name: CLICKHOUSE_PASSWORD_FILE, value: /etc/elastream/clickhouse/{{ include "elastream.clickhouseKey" (list $root "writer") }} }
  {{- end }}
  {{- if include "elastream.clickhouseCaSecret" $root }}
  - { name: CLICKHOUSE_CA_FILE, value: /etc/elastream/clickhouse-ca/{{ $v.clickhouse.tls.caKey }} }
  {{- end }}
  {{- end }}
  {{- if $v.tls.enabled }}
  - { name: ELASTREAM_GRPC_CA_FILE, value: /etc/elastream/tls/ca.crt }
  - { name: ELASTREAM_GRPC_CERTIFICATE_FILE, value: /etc/elastream/tls/tls.crt }
  - { name: ELASTREAM_GRPC_KEY_FILE, value: /etc/elastream/tls/tls.key }
  - { name: ELASTREAM_HTTP_CERTIFICATE_FILE, value: /etc/elastream/tls/tls.crt }
  - { name: ELASTREAM_HTTP_KEY_FILE, value: /etc/elastream/tls/tls.key }
  {{- end }}
  {{- if $service.workers }}
  - { name: ELASTREAM_WORKERS, value: {{ $service.workers | toString | quote }} }
  {{- end }}
  {{- if eq $name "gateway" }}
  - { name: ELASTREAM_SUBMIT_STREAMS, value: {{ $v.limits.submitStreams | int64 | toString | quote }} }
  - { name: ELASTREAM_FOLLOWERS, value: {{ $v.limits.followers | int64 | toString | quote }} }
  - { name: ELASTREAM_QUERIES, value: {{ $v.limits.queries | int64 | toString | quote }} }
  - { name: ELASTREAM_CALLS, value: {{ $v.limits.calls | int64 | toString | quote }} }
  - { name: ELASTREAM_SUBMIT_STREAM_BYTES, value: {{ $v.limits.submitStreamBytes | int64 | toString | quote }} }
  - { name: ELASTREAM_SUBMIT_BYTES, value: {{ $v.limits.submitBytes | int64 | toString | quote }} }
  {{- end }}
  {{- with $service.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- /* The files that a service reads: (list $ NAME LINKS) gives a map of folder to Secret. */ -}}
{{- define "elastream.files" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- $links := index . 2 -}}
{{- $v := $root.Values -}}
{{- $files := dict -}}
{{- if $v.tls.enabled -}}{{- $_ := set $files "tls" (include "elastream.tlsSecret" (list $root $name)) -}}{{- end -}}
{{- if include "elastream.kafkaTls" $root -}}{{- $_ := set $files "kafka-ca" (include "elastream.kafkaCaSecret" $root) -}}{{- end -}}
{{- if include "elastream.kafkaSasl" $root -}}{{- $_ := set $files "kafka" (include "elastream.kafkaSecret" (list $root $name)) -}}{{- end -}}
{{- if has "nats" $links -}}
{{- if $v.nats.tls.enabled -}}{{- $_ := set $files "nats-ca" $v.nats.tls.existingSecret -}}{{- end -}}
{{- with $v.nats.nkey.existingSecret | default $v.nats.credentials.existingSecret -}}{{- $_ := set $files "nats" . -}}{{- end -}}
{{- end -}}
{{- if has "clickhouse" $links -}}
{{- $user := ternary "reader" "writer" (eq $name "gateway") -}}
{{- if or (eq $user "writer") $v.clickhouse.reader.username -}}{{- $_ := set $files "clickhouse" (include "elastream.clickhouseSecret" (list $root $user)) -}}{{- end -}}
{{- with include "elastream.clickhouseCaSecret" $root -}}{{- $_ := set $files "clickhouse-ca" . -}}{{- end -}}
{{- end -}}
{{- $files | toJson -}}
{{- end -}}

{{- define "elastream.mounts" -}}
{{- range $folder, $ignored := include "elastream.files" . | fromJson }}
- { name: {{ $folder }}, mountPath: /etc/elastream/{{ $folder }}, readOnly: true }
{{- end }}
{{- end -}}

{{- define "elastream.volumes" -}}
{{- $user := ternary "reader" "writer" (eq (index . 1) "gateway") -}}
{{- $root := index . 0 -}}
{{- range $folder, $secret := include "elastream.files" . | fromJson }}
{{- if eq $folder "clickhouse" }}
{{- /* A generated Secret holds both users' passwords, and nobody gets more than its own. */}}
{{- $key := include "elastream.clickhouseKey" (list $root $user) }}
- { name: clickhouse, secret: { secretName: {{ $secret }}, defaultMode: 288, items: [{ key: {{ $key }}, path: {{ $key }} }] } }
{{- else }}
- { name: {{ $folder }}, secret: { secretName: {{ $secret }}, defaultMode: 288 } }
{{- end }}
{{- end }}
{{- end -}}

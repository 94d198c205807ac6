{{- define "elastream.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "elastream.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "elastream.labels" -}}
{{ include "elastream.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "elastream.image" -}}
{{- $tag := .Values.image.tag | default .Chart.AppVersion -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ $tag }}
{{- end -}}
{{- end -}}

{{- /* Pod Security `restricted`, which has no exception here. */ -}}
{{- define "elastream.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "elastream.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{- /* What a service connects to, as a set of names. */ -}}
{{- define "elastream.links" -}}
{{- $links := dict
  "ingestion" (list "kafka")
  "featurization" (list "kafka")
  "training-shard" (list "kafka" "nats" "clickhouse")
  "acquisition" (list "kafka" "nats" "training-shard")
  "calculation" (list "kafka")
  "projection" (list "kafka" "clickhouse")
  "gateway" (list "kafka" "nats" "clickhouse" "acquisition") -}}
{{- $links | toJson -}}
{{- end -}}

{{- define "elastream.kafkaBrokers" -}}
{{- if .Values.kafka.builtIn.enabled -}}
{{ include "elastream.fullname" . }}-kafka:9092
{{- else if .Values.kafka.strimzi.enabled -}}
{{ .Values.kafka.strimzi.clusterName }}-kafka-bootstrap:9093
{{- else -}}
{{ join "," .Values.kafka.brokers }}
{{- end -}}
{{- end -}}

{{- define "elastream.natsServers" -}}
{{- if .Values.nats.builtIn.enabled -}}
nats://{{ include "elastream.fullname" . }}-nats:4222
{{- else -}}
{{ join "," .Values.nats.servers }}
{{- end -}}
{{- end -}}

{{- define "elastream.clickhouseUrl" -}}
{{- if .Values.clickhouse.builtIn.enabled -}}
http://{{ include "elastream.fullname" . }}-clickhouse:8123
{{- else if .Values.clickhouse.operator.enabled -}}
https://clickhouse-{{ include "elastream.fullname" . }}:8443
{{- else -}}
{{ .Values.clickhouse.url }}
{{- end -}}
{{- end -}}

{{- /* The Secret with a ClickHouse user's password; (list $ "writer" or "reader"). */ -}}
{{- define "elastream.clickhouseSecret" -}}
{{- $root := index . 0 -}}
{{- $user := index . 1 -}}
{{- $given := ternary $root.Values.clickhouse.reader $root.Values.clickhouse (eq $user "reader") -}}
{{- $given.existingSecret | default (ternary (printf "%s-clickhouse-users" (include "elastream.fullname" $root)) "" $root.Values.clickhouse.builtIn.enabled) -}}
{{- end -}}

{{- /* The key in it. */ -}}
{{- define "elastream.clickhouseKey" -}}
{{- $root := index . 0 -}}
{{- $user := index . 1 -}}
{{- $given := ternary $root.Values.clickhouse.reader $root.Values.clickhouse (eq $user "reader") -}}
{{- ternary $given.passwordKey (ternary "reader-password" "password" (eq $user "reader")) (ne $given.existingSecret "") -}}
{{- end -}}

{{- /* The Secret with the certificate of a service; (list $ SERVICE). */ -}}
{{- define "elastream.tlsSecret" -}}
{{- $root := index . 0 -}}
{{- $service := index . 1 -}}
{{- if $root.Values.tls.certManager.enabled -}}
{{ include "elastream.fullname" $root }}-{{ $service }}-tls
{{- else -}}
{{ get $root.Values.tls.existingSecrets $service }}
{{- end -}}
{{- end -}}

{{- /* The Secret with a service's Kafka password; (list $ SERVICE). Strimzi names it after its user. */ -}}
{{- define "elastream.kafkaSecret" -}}
{{- $root := index . 0 -}}
{{- $service := index . 1 -}}
{{- $kafka := $root.Values.kafka -}}
{{- if $kafka.strimzi.enabled -}}
{{ include "elastream.fullname" $root }}-{{ $service }}
{{- else if $kafka.sasl.usernamePerService -}}
{{ $kafka.sasl.existingSecret }}-{{ $service }}
{{- else -}}
{{ $kafka.sasl.existingSecret }}
{{- end -}}
{{- end -}}

{{- define "elastream.kafkaUser" -}}
{{- $root := index . 0 -}}
{{- $service := index . 1 -}}
{{- if $root.Values.kafka.strimzi.enabled -}}
{{ include "elastream.fullname" $root }}-{{ $service }}
{{- else if $root.Values.kafka.sasl.usernamePerService -}}
{{ $service }}
{{- else -}}
{{ $root.Values.kafka.sasl.username }}
{{- end -}}
{{- end -}}

{{- define "elastream.kafkaCaSecret" -}}
{{- if .Values.kafka.strimzi.enabled -}}
{{ .Values.kafka.strimzi.clusterName }}-cluster-ca-cert
{{- else -}}
{{ .Values.kafka.tls.existingSecret }}
{{- end -}}
{{- end -}}

{{- define "elastream.clickhouseCaSecret" -}}
{{- if .Values.clickhouse.tls.existingSecret -}}
{{ .Values.clickhouse.tls.existingSecret }}
{{- else if .Values.clickhouse.operator.enabled -}}
{{ include "elastream.fullname" . }}-clickhouse-tls
{{- end -}}
{{- end -}}

{{- define "elastream.kafkaTls" -}}
{{- if or .Values.kafka.tls.enabled .Values.kafka.strimzi.enabled -}}true{{- end -}}
{{- end -}}

{{- define "elastream.kafkaSasl" -}}
{{- if .Values.kafka.sasl.mechanism -}}true{{- end -}}
{{- end -}}

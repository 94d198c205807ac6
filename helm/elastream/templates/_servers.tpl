{{- /* The ports of addresses such as nats://host:4222 as numbers; (list ADDRESSES DEFAULT). */ -}}
{{- define "elastream.ports" -}}
{{- $ports := list -}}
{{- $default := index . 1 -}}
{{- range index . 0 -}}
{{- $found := regexFind ":[0-9]+(/|$)" . | trimPrefix ":" | trimSuffix "/" -}}
{{- $ports = append $ports (int ($found | default $default)) -}}
{{- end -}}
{{- $ports | uniq | toJson -}}
{{- end -}}

{{- /* Where Kafka, NATS and ClickHouse are, for network policies: ports, peers (none: anywhere), whether they are this release's. */ -}}
{{- define "elastream.servers" -}}
{{- $v := .Values -}}
{{- $own := dict "app.kubernetes.io/instance" .Release.Name -}}
{{- $servers := dict -}}
{{- range $server, $default := dict "kafka" "9092" "nats" "4222" "clickhouse" "8123" -}}
{{- $isBuiltIn := (get $v $server).builtIn.enabled -}}
{{- $addresses := splitList "," (include (get (dict "kafka" "elastream.kafkaBrokers" "nats" "elastream.natsServers" "clickhouse" "elastream.clickhouseUrl") $server) $) -}}
{{- $to := get $v.networkPolicy (printf "%sTo" $server) -}}
{{- if $isBuiltIn -}}
{{- $to = list (dict "podSelector" (dict "matchLabels" (merge (dict "app.kubernetes.io/component" $server) $own))) -}}
{{- end -}}
{{- $_ := set $servers $server (dict "ports" (include "elastream.ports" (list $addresses $default) | fromJsonArray) "to" $to "builtIn" $isBuiltIn) -}}
{{- end -}}
{{- $servers | toJson -}}
{{- end -}}

{{- /* Metadata, and the beginning of the specification, of a built-in server; (list $ NAME). */ -}}
{{- define "elastream.builtInHead" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "elastream.fullname" $root }}-{{ $name }}
  labels: {{- include "elastream.labels" $root | nindent 4 }}
spec:
  # A broker is asked for its own address before it is ready.
  publishNotReadyAddresses: true
  selector:
    {{- include "elastream.selector" $root | nindent 4 }}
    app.kubernetes.io/component: {{ $name }}
  ports: [{ name: {{ $name }}, port: {{ index . 2 }} }]
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ include "elastream.fullname" $root }}-{{ $name }}
  labels:
    {{- include "elastream.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ $name }}
spec:
  serviceName: {{ include "elastream.fullname" $root }}-{{ $name }}
  replicas: 1
  selector:
    matchLabels:
      {{- include "elastream.selector" $root | nindent 6 }}
      app.kubernetes.io/component: {{ $name }}
{{- end -}}

{{- define "elastream.builtInPod" -}}
{{- $root := index . 0 -}}
metadata:
  labels:
    {{- include "elastream.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ index . 1 }}
spec:
  automountServiceAccountToken: false
  enableServiceLinks: false
  securityContext: {{- include "elastream.podSecurity" (index . 2) | nindent 4 }}
  {{- with $root.Values.image.pullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "elastream.claim" -}}
volumeClaimTemplates:
  - metadata: { name: data }
    spec:
      accessModes: [ReadWriteOnce]
      {{- with .class }}
      storageClassName: {{ . }}
      {{- end }}
      resources: { requests: { storage: {{ .size }} } }
{{- end -}}

{{- /* A sentence for each setting that is missing or contradicts another: what is wrong, and what to set. */ -}}
{{- define "elastream.check" -}}
{{- $v := .Values -}}
{{- $said := list -}}
{{- $kafkas := compact (list (ternary "kafka.brokers" "" (gt (len $v.kafka.brokers) 0)) (ternary "kafka.strimzi.enabled" "" $v.kafka.strimzi.enabled) (ternary "kafka.builtIn.enabled" "" $v.kafka.builtIn.enabled)) -}}
{{- if eq (len $kafkas) 0 -}}
{{- $said = append $said "kafka.brokers is missing: name brokers as host:port, or set kafka.strimzi.enabled, or for a trial kafka.builtIn.enabled" -}}
{{- else if gt (len $kafkas) 1 -}}
{{- $said = append $said (printf "%s are set: choose one" (join " and " $kafkas)) -}}
{{- end -}}
{{- if and $v.kafka.builtIn.enabled (ne (int $v.kafka.replicas) 1) -}}
{{- $said = append $said (printf "kafka.replicas is %d, but kafka.builtIn has one broker: set kafka.replicas to 1" (int $v.kafka.replicas)) -}}
{{- end -}}
{{- if gt (int $v.kafka.minInsyncReplicas) (int $v.kafka.replicas) -}}
{{- $said = append $said (printf "kafka.minInsyncReplicas is %d: it must be at most kafka.replicas, which is %d" (int $v.kafka.minInsyncReplicas) (int $v.kafka.replicas)) -}}
{{- end -}}
{{- if and $v.kafka.brokers $v.kafka.tls.enabled (not $v.kafka.tls.existingSecret) -}}
{{- $said = append $said "kafka.tls.existingSecret is missing: name the Secret that holds who signed the brokers" -}}
{{- end -}}
{{- if $v.kafka.sasl.mechanism -}}
{{- if and (not $v.kafka.strimzi.enabled) (not $v.kafka.sasl.existingSecret) -}}
{{- $said = append $said "kafka.sasl.existingSecret is missing: name the Secret with the password (with kafka.sasl.usernamePerService its prefix)" -}}
{{- end -}}
{{- if and (not $v.kafka.sasl.usernamePerService) (not $v.kafka.sasl.username) -}}
{{- $said = append $said "kafka.sasl.username is missing: give one, or set kafka.sasl.usernamePerService" -}}
{{- end -}}
{{- else if $v.kafka.sasl.existingSecret -}}
{{- $said = append $said "kafka.sasl.mechanism is missing, but kafka.sasl.existingSecret is set: choose plain, scram-sha-256 or scram-sha-512" -}}
{{- end -}}
{{- if and $v.kafka.strimzi.enabled (or (ne $v.kafka.sasl.mechanism "scram-sha-512") (not $v.kafka.sasl.usernamePerService)) -}}
{{- $said = append $said "kafka.strimzi.enabled makes a user for each service: set kafka.sasl.mechanism to scram-sha-512 and kafka.sasl.usernamePerService to true" -}}
{{- end -}}
{{- if and (not $v.nats.servers) (not $v.nats.builtIn.enabled) -}}
{{- $said = append $said "nats.servers is missing: name servers as nats://host:4222, or for a trial set nats.builtIn.enabled" -}}
{{- end -}}
{{- if and $v.nats.servers $v.nats.builtIn.enabled -}}
{{- $said = append $said "nats.servers and nats.builtIn.enabled are set: choose one" -}}
{{- end -}}
{{- if and $v.nats.tls.enabled (not $v.nats.tls.existingSecret) -}}
{{- $said = append $said "nats.tls.existingSecret is missing: name the Secret that holds who signed the servers" -}}
{{- end -}}
{{- if and $v.nats.nkey.existingSecret $v.nats.credentials.existingSecret -}}
{{- $said = append $said "nats.nkey.existingSecret and nats.credentials.existingSecret are set: choose one" -}}
{{- end -}}
{{- $clickhouses := compact (list (ternary "clickhouse.url" "" (ne $v.clickhouse.url "")) (ternary "clickhouse.operator.enabled" "" $v.clickhouse.operator.enabled) (ternary "clickhouse.builtIn.enabled" "" $v.clickhouse.builtIn.enabled)) -}}
{{- if eq (len $clickhouses) 0 -}}
{{- $said = append $said "clickhouse.url is missing: name the server, such as https://host:8443, or set clickhouse.operator.enabled, or for a trial clickhouse.builtIn.enabled" -}}
{{- else if gt (len $clickhouses) 1 -}}
{{- $said = append $said (printf "%s are set: choose one" (join " and " $clickhouses)) -}}
{{- end -}}
{{- if and (not $v.clickhouse.builtIn.enabled) (not $v.clickhouse.existingSecret) -}}
{{- $said = append $said "clickhouse.existingSecret is missing: name the Secret with the password of clickhouse.username" -}}
{{- end -}}
{{- if and (not $v.clickhouse.builtIn.enabled) $v.clickhouse.reader.username (not $v.clickhouse.reader.existingSecret) -}}
{{- $said = append $said "clickhouse.reader.existingSecret is missing: name the Secret with the password of clickhouse.reader.username, or empty clickhouse.reader.username (no queries then)" -}}
{{- end -}}
{{- if and $v.clickhouse.operator.enabled (not $v.tls.certManager.enabled) -}}
{{- $said = append $said "clickhouse.operator.enabled needs tls.certManager.enabled, which makes the server's certificate" -}}
{{- end -}}
{{- if $v.tls.enabled -}}
{{- if $v.tls.certManager.enabled -}}
{{- if not $v.tls.certManager.issuerRef.name -}}
{{- $said = append $said "tls.certManager.issuerRef.name is missing: name the Issuer that signs the services' certificates" -}}
{{- end -}}
{{- else -}}
{{- range $service, $ignored := $v.services -}}
{{- if not (get $v.tls.existingSecrets $service) -}}
{{- $said = append $said (printf "tls.existingSecrets.%s is missing: name the Secret with its ca.crt, tls.crt and tls.key, or set tls.certManager.enabled" $service) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and $v.test.enabled (not $v.tls.clientSecret) -}}
{{- $said = append $said "tls.clientSecret is missing: name the Secret with a client's certificate for helm test, or set test.enabled to false" -}}
{{- end -}}
{{- else if $v.tls.certManager.enabled -}}
{{- $said = append $said "tls.certManager.enabled is set without tls.enabled" -}}
{{- end -}}
{{- if not $v.insecureNetwork -}}
{{- if not $v.tls.enabled -}}
{{- $said = append $said "tls.enabled is false: protect the connections between the services, or set insecureNetwork to true where the network is trusted" -}}
{{- end -}}
{{- if or $v.kafka.builtIn.enabled (and $v.kafka.brokers (not $v.kafka.tls.enabled)) -}}
{{- $said = append $said "kafka.tls.enabled is false: protect the connections to the brokers, or set insecureNetwork to true where the network is trusted" -}}
{{- end -}}
{{- if or $v.nats.builtIn.enabled (and $v.nats.servers (not $v.nats.tls.enabled)) -}}
{{- $said = append $said "nats.tls.enabled is false: protect the connections to NATS, or set insecureNetwork to true where the network is trusted" -}}
{{- end -}}
{{- if or $v.clickhouse.builtIn.enabled (hasPrefix "http:" $v.clickhouse.url) -}}
{{- $said = append $said "clickhouse.url is not https: protect the connection, or set insecureNetwork to true where the network is trusted" -}}
{{- end -}}
{{- end -}}
{{- range $service, $scaling := $v.autoscaling.services -}}
{{- if gt (int $scaling.min) (int $scaling.max) -}}
{{- $said = append $said (printf "autoscaling.services.%s.min is %d: it must be at most its max, which is %d" $service (int $scaling.min) (int $scaling.max)) -}}
{{- end -}}
{{- end -}}
{{- if and $v.monitoring.prometheusRule.enabled (not (.Files.Get "files/alerts.yaml")) -}}
{{- $said = append $said "monitoring.prometheusRule.enabled is set, but this chart holds no files/alerts.yaml" -}}
{{- end -}}
{{- if and $v.monitoring.dashboard.enabled (not (.Files.Get "files/dashboard.json")) -}}
{{- $said = append $said "monitoring.dashboard.enabled is set, but this chart holds no files/dashboard.json" -}}
{{- end -}}
{{- $other := lookup "v1" "ConfigMap" .Release.Namespace "elastream-installation" -}}
{{- if $other -}}
{{- $owner := get ($other.metadata.annotations | default dict) "meta.helm.sh/release-name" -}}
{{- if ne $owner .Release.Name -}}
{{- $said = append $said (printf "the release %s is installed in the namespace %s: a second one would share its topics and take its work; upgrade that one, or choose another namespace and other servers" $owner .Release.Namespace) -}}
{{- end -}}
{{- end -}}
{{- if $said -}}
{{- fail (printf "\n  %s\n" (join "\n  " $said)) -}}
{{- end -}}
{{- end -}}

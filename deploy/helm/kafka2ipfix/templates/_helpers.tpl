{{- define "kafka2ipfix.name" -}}
{{- contains .Chart.Name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- define "kafka2ipfix.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "kafka2ipfix.labels" -}}
{{ include "kafka2ipfix.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "kafka2ipfix.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "kafka2ipfix.name" .) }}
{{- else }}{{ .Values.serviceAccount.name | default "default" }}{{ end }}
{{- end }}

{{- define "kafka2ipfix.image" -}}
{{- $image := .Values.image }}
{{- if $image.digest }}{{ printf "%s@%s" $image.repository $image.digest }}
{{- else }}{{ printf "%s:%s" $image.repository ($image.tag | default .Chart.AppVersion) }}{{ end }}
{{- end }}

{{- /* A duration as settings have it (20s, 1.5m, 500ms) in whole seconds, rounded up. */ -}}
{{- define "kafka2ipfix.seconds" -}}
{{- $number := regexFind "^[0-9.]+" . | float64 }}
{{- $unit := regexFind "[a-z]+$" . }}
{{- $each := dict "ms" 0.001 "s" 1.0 "m" 60.0 "h" 3600.0 }}
{{- ceil (mulf $number (get $each $unit)) }}
{{- end }}

{{- /* Where the files of a TLS Secret are, as settings of a family (KAFKA or SCHEMA_REGISTRY). */ -}}
{{- define "kafka2ipfix.tlsFiles" -}}
- { name: {{ .family }}_TLS_CA_FILE, value: /etc/kafka2ipfix/{{ .folder }}/ca.crt }
{{- if .tls.clientCertificate }}
- { name: {{ .family }}_TLS_CERT_FILE, value: /etc/kafka2ipfix/{{ .folder }}/tls.crt }
- { name: {{ .family }}_TLS_KEY_FILE, value: /etc/kafka2ipfix/{{ .folder }}/tls.key }
{{- end }}
{{- end }}

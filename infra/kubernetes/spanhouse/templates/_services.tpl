{{/*
Every service that runs, with what is its own: its program, its ports by name, where its health is asked, and what it
talks to. All templates go through this list.
*/}}
{{- define "spanhouse.services" -}}
gateway:
  program: services/gateway/dist/main.js
  ports: { http: 4318, grpc: 4317, metrics: 9464 }
  health: http
  called: [http, grpc]
  kafka: true
  user: writer
  env: { SPANHOUSE_METRICS_PORT: "9464" }
consumer:
  program: services/consumer/dist/main.js
  ports: { metrics: 9464 }
  health: metrics
  called: []
  kafka: true
  user: writer
  env:
    SPANHOUSE_TOPIC_PROJECT: {{ .Values.kafka.topicProject | quote }}
query:
  program: services/query/dist/main.js
  ports: { http: 7070 }
  health: http
  called: [http]
  kafka: false
  user: reader
{{- if .Values.alerts.enabled }}
alerts:
  program: services/alerts/dist/main.js
  ports: { metrics: 9464 }
  health: metrics
  called: []
  kafka: false
  user: writer
  env:
    SPANHOUSE_ALERTS_VIEWER_URL: {{ .Values.alerts.viewerUrl | quote }}
    {{- if .Values.alerts.file }}
    SPANHOUSE_ALERTS_FILE: /etc/spanhouse/alerts.yaml
    {{- end }}
{{- end }}
{{- end }}

{{- define "spanhouse.name" -}}
{{- if contains "spanhouse" .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-spanhouse{{ end -}}
{{- end }}

{{/* Of one service: list of the root and its name. What selects its pods never changes. */}}
{{- define "spanhouse.selector" -}}
app.kubernetes.io/name: spanhouse
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "spanhouse.labels" -}}
{{ include "spanhouse.selector" . }}
app.kubernetes.io/version: {{ (index . 0).Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
helm.sh/chart: spanhouse-{{ (index . 0).Chart.Version }}
{{- end }}

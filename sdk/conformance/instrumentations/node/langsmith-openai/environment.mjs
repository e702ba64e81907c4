process.env.LANGSMITH_TRACING = "true";
process.env.LANGSMITH_OTEL_ENABLED = "true";
process.env.LANGSMITH_ENDPOINT = process.env.OTLP_URL;
process.env.LANGSMITH_API_KEY = "key";

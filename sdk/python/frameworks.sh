#!/bin/sh
# LangChain and Pydantic AI within our traces, and replayed, in an environment of its own in a temporary folder. A replay
# needs the build: npx tsc -b.
set -eu
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check "pydantic-ai-slim[openai]" langchain-openai \
  openinference-instrumentation-langchain opentelemetry-proto opentelemetry-sdk pytest
"$scratch/venv/bin/python" -m pytest -q frameworks/test_frameworks.py
SPANHOUSE_COMMAND="node $(cd ../.. && pwd)/services/standalone/dist/main.js" \
  "$scratch/venv/bin/python" -m pytest -q frameworks/test_replay.py

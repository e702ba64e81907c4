#!/bin/sh
# LangChain and Pydantic AI within our traces, in an environment of its own in a temporary folder.
set -eu
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check "pydantic-ai-slim[openai]" langchain-openai \
  openinference-instrumentation-langchain opentelemetry-proto opentelemetry-sdk pytest
"$scratch/venv/bin/python" -m pytest -q frameworks

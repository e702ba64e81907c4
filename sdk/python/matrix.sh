#!/bin/sh
# The tests of the official clients, against every major version of them. Makes its environments in a temporary folder.
set -eu
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for versions in "openai<2 anthropic<1" "openai<3 anthropic<2" "openai anthropic"; do
  echo "── $versions"
  python3 -m venv "$scratch/venv" --clear
  # shellcheck disable=SC2086
  "$scratch/venv/bin/pip" install --quiet --disable-pip-version-check $versions \
    boto3 google-genai opentelemetry-proto opentelemetry-sdk pytest
  "$scratch/venv/bin/python" -m pytest -q tests
done

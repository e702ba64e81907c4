#!/bin/sh
# The tests with every Python from 3.10 that is here, and with every major version of the official clients. Makes its
# environments in a temporary folder.
set -eu
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# An interpreter and what is installed for it.
run() {
  echo "── $1, $2"
  "$1" -m venv "$scratch/venv" --clear
  shift
  # shellcheck disable=SC2086
  "$scratch/venv/bin/pip" install --quiet --disable-pip-version-check $1
  "$scratch/venv/bin/python" -m pytest -q tests
}

for python in python3.10 python3.11 python3.12 python3.13 python3.14; do
  if "$python" -c "" 2>/dev/null; then run "$python" "-r requirements-test.txt"; else echo "── no $python here"; fi
done
beside="boto3 google-genai opentelemetry-proto opentelemetry-sdk pytest"
run python3 "openai<2 anthropic<1 $beside"
run python3 "openai<3 anthropic<2 $beside"
run python3 "openai anthropic $beside"

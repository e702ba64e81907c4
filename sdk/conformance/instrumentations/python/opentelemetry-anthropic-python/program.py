"""Content in attributes, as its documentation advises for backends that read spans alone."""

import os
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "programs"))
os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "gen_ai_latest_experimental"
os.environ["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"] = "SPAN_ONLY"

from anthropic import Anthropic
from anthropic_calls import anthropic_features
from opentelemetry.instrumentation.genai.anthropic import AnthropicInstrumentor
from run import run
from tracing import start_tracing

AnthropicInstrumentor().instrument(tracer_provider=start_tracing())
run(anthropic_features(Anthropic(max_retries=0)))

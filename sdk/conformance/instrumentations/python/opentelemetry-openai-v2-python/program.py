"""Content in attributes, as its documentation advises for backends that read spans alone."""

import os
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "programs"))
os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "gen_ai_latest_experimental"
os.environ["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"] = "SPAN_ONLY"

from openai import OpenAI
from openai_calls import openai_features
from opentelemetry.instrumentation.openai_v2 import OpenAIInstrumentor
from run import run
from tracing import start_tracing

OpenAIInstrumentor().instrument(tracer_provider=start_tracing())
run(openai_features(OpenAI(max_retries=0)))

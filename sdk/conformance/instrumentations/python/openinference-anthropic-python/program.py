import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "programs"))

import prompts
from anthropic import Anthropic
from anthropic_calls import anthropic_features
from openinference.instrumentation import using_attributes
from openinference.instrumentation.anthropic import AnthropicInstrumentor
from run import run
from tracing import start_tracing

AnthropicInstrumentor().instrument(tracer_provider=start_tracing())
with using_attributes(user_id=prompts.USER, session_id=prompts.CONVERSATION):
    run(anthropic_features(Anthropic(max_retries=0)))

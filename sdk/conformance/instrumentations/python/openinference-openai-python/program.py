import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "programs"))

import prompts
from openai import OpenAI
from openai_calls import openai_features
from openinference.instrumentation import using_attributes
from openinference.instrumentation.openai import OpenAIInstrumentor
from run import run
from tracing import start_tracing

OpenAIInstrumentor().instrument(tracer_provider=start_tracing())
with using_attributes(user_id=prompts.USER, session_id=prompts.CONVERSATION):
    run(openai_features(OpenAI(max_retries=0)))

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "programs"))

import prompts
from langchain_calls import langchain_features
from openinference.instrumentation import using_attributes
from openinference.instrumentation.langchain import LangChainInstrumentor
from run import run
from tracing import start_tracing

LangChainInstrumentor().instrument(tracer_provider=start_tracing())
with using_attributes(user_id=prompts.USER, session_id=prompts.CONVERSATION):
    run(langchain_features())

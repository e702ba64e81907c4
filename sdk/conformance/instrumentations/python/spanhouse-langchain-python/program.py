import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "programs"))

from langchain_calls import langchain_features
from openai import OpenAI
from openinference.instrumentation.langchain import LangChainInstrumentor
from spanhouse_trace import run_within_trace, spanhouse
from tracing import start_tracing

LangChainInstrumentor().instrument(tracer_provider=start_tracing())
run_within_trace(langchain_features(client=spanhouse.wrap_openai(OpenAI(max_retries=0))))

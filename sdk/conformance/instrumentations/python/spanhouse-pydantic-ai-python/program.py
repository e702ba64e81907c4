import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "programs"))

from openai import AsyncOpenAI
from pydantic_ai import Agent, Embedder
from pydantic_ai_calls import pydantic_ai_features
from spanhouse_trace import run_within_trace, spanhouse
from tracing import start_tracing

start_tracing()
Agent.instrument_all()
Embedder.instrument_all()
run_within_trace(pydantic_ai_features(spanhouse.wrap_openai(AsyncOpenAI(max_retries=0))))

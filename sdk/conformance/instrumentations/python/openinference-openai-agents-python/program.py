import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "programs"))

from agents_calls import agents_features
from openinference.instrumentation.openai_agents import OpenAIAgentsInstrumentor
from run import run
from tracing import start_tracing

OpenAIAgentsInstrumentor().instrument(tracer_provider=start_tracing())
run(agents_features())

import os
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "programs"))

import prompts
from tracing import start_tracing

os.environ |= {"LANGSMITH_TRACING": "true", "LANGSMITH_TRACING_MODE": "otel", "LANGSMITH_API_KEY": "lsv2_recorded"}
os.environ["LANGSMITH_ENDPOINT"] = os.environ["OTLP_URL"]
start_tracing()

from langchain_calls import langchain_features
from langchain_core.tracers.langchain import wait_for_all_tracers
from run import run

metadata = {"user_id": prompts.USER, "session_id": prompts.CONVERSATION}
run(langchain_features({"metadata": metadata}), wait_for_all_tracers)

import os
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "programs"))

import prompts
from traceloop.sdk import Traceloop

Traceloop.init(app_name="recorded", api_endpoint=os.environ["OTLP_URL"], disable_batch=True, telemetry_enabled=False)
Traceloop.set_association_properties({"user_id": prompts.USER, "session_id": prompts.CONVERSATION})

from langchain_calls import langchain_features
from run import run

run(langchain_features())

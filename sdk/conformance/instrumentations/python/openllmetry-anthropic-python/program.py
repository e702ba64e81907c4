import os
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "programs"))

import prompts
from anthropic import Anthropic
from anthropic_calls import anthropic_features
from run import run
from traceloop.sdk import Traceloop
from traceloop.sdk.decorators import workflow

Traceloop.init(app_name="recorded", api_endpoint=os.environ["OTLP_URL"], disable_batch=True, telemetry_enabled=False)
Traceloop.set_association_properties({"user_id": prompts.USER, "session_id": prompts.CONVERSATION})


@workflow(name="answer_customer")
def answer_customer():
    """The SDK has spans of its own, which lie beside OpenLLMetry's: only a trace around both holds them together."""
    run(anthropic_features(Anthropic(max_retries=0)))


answer_customer()

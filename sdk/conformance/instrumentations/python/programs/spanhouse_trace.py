import os
import sys
from pathlib import Path

import prompts

sys.path.append(str(Path(__file__).parents[4] / "python" / "src"))

import spanhouse
from run import run

spanhouse.init(url=os.environ["OTLP_URL"])


def run_within_trace(features):
    """Does the feature within a trace of Spanhouse's own SDK."""
    with spanhouse.trace("handle message", user_id=prompts.USER, conversation_id=prompts.CONVERSATION):
        run(features)
    spanhouse.flush()

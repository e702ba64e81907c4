import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "programs"))

import logfire
from openai import OpenAI
from openai_calls import openai_features
from run import run

logfire.configure(send_to_logfire=False, console=False)
client = OpenAI(max_retries=0)
logfire.instrument_openai(client)
run(openai_features(client), logfire.force_flush)

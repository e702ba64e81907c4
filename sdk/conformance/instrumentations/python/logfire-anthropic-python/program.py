import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "programs"))

import logfire
from anthropic import Anthropic
from anthropic_calls import anthropic_features
from run import run

logfire.configure(send_to_logfire=False, console=False)
# Its own spans lie beside Logfire's log of a stream, which names no response: they would count twice.
client = Anthropic(max_retries=0, open_telemetry=False)
logfire.instrument_anthropic(client)
run(anthropic_features(client), logfire.force_flush)

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "programs"))

import logfire
from agents_calls import agents_features
from run import run

logfire.configure(send_to_logfire=False, console=False)
logfire.instrument_openai_agents()
run(agents_features(), logfire.force_flush)

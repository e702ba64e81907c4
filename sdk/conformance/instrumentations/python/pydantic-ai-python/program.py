import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "programs"))

import logfire
from pydantic_ai import Embedder
from pydantic_ai_calls import pydantic_ai_features
from run import run

logfire.configure(send_to_logfire=False, console=False)
logfire.instrument_pydantic_ai()
Embedder.instrument_all()
run(pydantic_ai_features(), logfire.force_flush)

import os
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "programs"))

import prompts
from langchain_calls import langchain_features
from langfuse import get_client
from run import run

os.environ |= {
    "LANGFUSE_PUBLIC_KEY": "pk-lf-recorded",
    "LANGFUSE_SECRET_KEY": "sk-lf-recorded",
    "LANGFUSE_BASE_URL": os.environ["OTLP_URL"],
}
from langfuse.langchain import CallbackHandler

get_client()
metadata = {"langfuse_user_id": prompts.USER, "langfuse_session_id": prompts.CONVERSATION}
run(langchain_features({"callbacks": [CallbackHandler()], "metadata": metadata}), lambda: get_client().flush())

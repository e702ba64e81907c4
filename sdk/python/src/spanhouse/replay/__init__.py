"""
Replays: `spanhouse replay` runs a program with a recorded trace in the world's place.

A program needs nothing of this for it, unless what it asks differs from run to run:

    from spanhouse.replay import replay_time
    client.chat.completions.create(..., f"Now it is {replay_time()}")

In a test:

    from spanhouse.replay import replaying

    def test_refund():
        with replaying("cases/refund.case.jsonl") as replay:
            agent(replay.input)
        assert replay.report["result"] == "same", replay.report["text"]
"""

from .cases import Replay, replaying
from .recorded import ReplayMiss
from .values import replay_id, replay_random, replay_time, replay_value

__all__ = [
    "Replay",
    "ReplayMiss",
    "replay_id",
    "replay_random",
    "replay_time",
    "replay_value",
    "replaying",
]

"""A case in a test: what runs within is answered from it, and compared with it."""

from __future__ import annotations

import atexit
import json
import os
import shlex
import shutil
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from ..runtime import replayed_runtime
from .channel import Channel


class Replay:
    """One run of a case."""

    def __init__(self, input: Any) -> None:
        self.input: Any = input
        """What the recorded root was given as `input`; None where it was given none."""
        self.report: dict[str, Any] = {}
        """After the block: what `spanhouse replay --json` says, and `text`, the same for a person."""


@contextmanager
def replaying(
    case: str | os.PathLike[str],
    *,
    on_miss: Literal["fail", "nearest", "model"] = "fail",
    live: Iterable[str] = (),
    delays: Literal["none", "recorded"] = "none",
) -> Iterator[Replay]:
    """
    Answers everything that the SDK sees within the block from the case (`spanhouse case save`); afterwards the replay's
    `report` says what differs. One block at a time in a process. Needs the `spanhouse` command (npm
    `@spanhouse/server`), or `SPANHOUSE_COMMAND` that says how to start it.
    """
    server = Channel(_server())
    path = str(Path(case).resolve())
    opened = server.post("/runs", {"case": path, "on_miss": on_miss, "live": list(live), "delays": delays})
    given = opened["input"]
    replay = Replay(None if given is None else json.loads(given))
    error: BaseException | None = None
    try:
        with replayed_runtime(opened["url"]):
            yield replay
    except Exception as raised:
        error = raised
        raise
    finally:
        said = {} if error is None else {"error": f"{type(error).__name__}: {error}"}
        replay.report = Channel(opened["url"]).post("/end", said)


_starting = threading.Lock()
_address: str | None = None


def _server() -> str:
    """The address of a command that serves replays: started once, ended with this process."""
    global _address
    with _starting:
        if _address is not None:
            return _address
        command = subprocess.Popen(
            [*_command(), "replay", "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        atexit.register(_stop, command)
        assert command.stdout is not None
        address = command.stdout.readline().strip()
        if not address.startswith("http"):
            raise RuntimeError(f"`spanhouse replay --serve` did not start; it said {address!r}")
        _address = address
        return address


def _command() -> list[str]:
    said = os.environ.get("SPANHOUSE_COMMAND")
    if said:
        return shlex.split(said)
    found = shutil.which("spanhouse")
    return [found] if found else ["npx", "--yes", "@spanhouse/server"]


def _stop(command: subprocess.Popen[str]) -> None:
    if command.stdin is not None:
        command.stdin.close()
    try:
        command.wait(5)
    except subprocess.TimeoutExpired:
        command.kill()

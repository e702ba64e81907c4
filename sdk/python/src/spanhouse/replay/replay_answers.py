"""Asks a replay for all that a program asks of the world. What matches what is the replay's to decide, not ours."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable
from typing import Any

from ..answers import HttpAnswer, HttpFailure, HttpQuestion, Value
from ..context import current_span
from ..media import take_media
from ..settings import Redact
from .channel import Channel
from .positions import Positions
from .recorded import ReplayMiss, exception_of, revived


class ReplayAnswers:
    """Every question goes to the replay; what it says is to be live is left to the world."""

    def __init__(self, address: str, redact: Redact | None) -> None:
        self._channel = Channel(address)
        self._redact = redact
        self.positions = Positions()

    def http(self, question: HttpQuestion) -> HttpAnswer | None:
        body, _ = take_media(question.body)
        answer = self._channel.ask(
            {
                "what": "model",
                "of": "",
                "asked": self._told(body.decode("utf-8", "replace")),
                "url": question.url,
                "attempt": question.attempt,
                **self.positions.of(question.span),
            }
        )
        kind = answer["kind"]
        if kind == "response":
            return _response(answer)
        if kind == "failure":
            raise HttpFailure(answer["error"]["type"], answer["error"]["message"])
        if kind == "miss":
            return _missed(answer["message"])
        return None

    def tool(self, name: str, arguments: str) -> Value | None:
        return self._work("tool", name, arguments)

    def retrieval(self, name: str, query: str) -> Value | None:
        return self._work("retrieval", name, query)

    def value(self, name: str, index: int, make: Callable[[], Any]) -> Any:
        """A value that differs from run to run: the recorded one, where the current span has it."""
        place = self.positions.of(current_span())
        answer = self._channel.ask({"what": "value", "of": name, "asked": "", "index": index, **place})
        return revived(answer.get("value"), "") if answer["kind"] == "value" else make()

    def _work(self, what: str, name: str, asked: str) -> Value | None:
        place = self.positions.of(current_span())
        answer = self._channel.ask({"what": what, "of": name, "asked": self._told(asked), **place})
        kind = answer["kind"]
        if kind == "value":
            return Value(revived(answer.get("value"), answer["was"]))
        if kind == "failure":
            raise exception_of(answer["error"])
        if kind == "miss":
            raise ReplayMiss(answer["message"])
        return None

    def _told(self, text: str) -> str:
        """As the span tells it."""
        if self._redact is None:
            return text
        try:
            return self._redact(text) or ""
        except Exception:
            return ""


def _response(answer: dict[str, Any]) -> HttpAnswer:
    chunks = answer["chunks"]
    broken = answer.get("broken")
    return HttpAnswer(
        answer["status"],
        answer["headers"],
        [_bytes_of(chunk) for chunk in chunks],
        [chunk["after_ms"] / 1000 for chunk in chunks],
        None if broken is None else HttpFailure(broken["type"], broken["message"]),
    )


def _bytes_of(chunk: dict[str, Any]) -> bytes:
    text = chunk.get("text")
    return b64decode(chunk["base64"]) if text is None else text.encode()


def _missed(message: str) -> HttpAnswer:
    """In the form of every provider's errors, and of the status that no client sends again for."""
    error = {
        "type": "replay_miss",
        "code": "replay_miss",
        "status": "REPLAY_MISS",
        "message": f"spanhouse replay: {message}",
    }
    headers = {"content-type": "application/json", "x-should-retry": "false"}
    return HttpAnswer(400, headers, [json.dumps({"type": "error", "error": error}).encode()])

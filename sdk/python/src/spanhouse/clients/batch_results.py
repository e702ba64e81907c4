"""The results of a provider's batches: calls that were made elsewhere, seen when the program reads them."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, NamedTuple

from ..context import current_parent
from ..otlp import AttributeValue
from ..runtime import generation, runtime
from ..spans import CLIENT, INTERNAL, Parent, Span
from ..tracing import end_span
from .api import Api
from .providers import Server


class BatchResult(NamedTuple):
    """One line of a batch's results."""

    custom_id: str
    id: str
    """The provider's own of the answer; empty where there is none."""
    api: Api
    body: str
    """Of the answer, as it stands in the line; empty where there is none."""
    status: int
    """0 where it is not told."""
    request_id: tuple[str, str] | None
    """As a header of the answer would say it: its name and value."""
    error: tuple[str, str] | None
    """Its type and message."""


class BatchApi(NamedTuple):
    """How a provider tells of its batches."""

    results_at: Callable[[str], str | None]
    """By a path: the id of the batch, or of the file, whose results it gives."""
    tells_at: Callable[[str], bool]
    """By a path: whether the answer tells of batches."""
    result_ids: Callable[[Mapping[str, Any]], Sequence[Any]]
    """The ids that `results_at` may give of this batch."""
    read: Callable[[str, Mapping[str, Any]], BatchResult | None]
    """Reads one line, and the object that it is; None of what is no result."""


class _Known(NamedTuple):
    id: str
    start: int
    """Unix nanoseconds; 0 for unknown."""
    end: int


_known: dict[str, _Known] = {}
"""By the ids of their results. Results are asked for after their batch was, mostly by the same program."""
_known_at_most = 1_000

current_results: ContextVar[BatchResults | BatchEar | None] = ContextVar("spanhouse_results", default=None)
"""Who hears the answer that this context asks for; set only while its client is at work."""


def listener(api: BatchApi, method: str, url: str, server: Server) -> BatchResults | BatchEar | None:
    """Who is to hear what this request is answered with, if anybody."""
    path = url.partition("?")[0]
    results = api.results_at(path) if method.lower() == "get" else None
    if results is not None:
        return BatchResults(api, results, server)
    return BatchEar(api) if api.tells_at(path) else None


class BatchEar:
    """Remembers the batches that an answer tells of, a single one or a list."""

    def __init__(self, api: BatchApi) -> None:
        self._api = api
        self._chunks: list[bytes] = []
        self.credential = ""

    def take(self, chunk: bytes) -> None:
        self._chunks.append(chunk)

    def end(self) -> None:
        told: Any = json.loads(b"".join(self._chunks))
        listed = told.get("data")
        for batch in (told, *(listed if isinstance(listed, list) else ())):
            if not isinstance(batch, dict) or not isinstance(batch.get("id"), str):
                continue
            ends = ("completed_at", "expired_at", "cancelled_at", "ended_at")
            end = next((batch[name] for name in ends if batch.get(name) is not None), None)
            found = _Known(batch["id"], _moment(batch.get("created_at")), _moment(end))
            for results in self._api.result_ids(batch):
                if isinstance(results, str):
                    _known.pop(results, None)
                    _known[results] = found
                    if len(_known) > _known_at_most:
                        _known.pop(next(iter(_known)), None)


def _moment(told: Any) -> int:
    """Unix nanoseconds: OpenAI says Unix seconds, Anthropic RFC 3339."""
    if isinstance(told, str):
        from datetime import datetime

        return round(datetime.fromisoformat(told.replace("Z", "+00:00")).timestamp() * 1e6) * 1000
    return round(told * 1e9) if isinstance(told, (int, float)) else 0


class BatchResults:
    """
    Makes a span of each result while the program reads them, under a span of the batch. Their ids follow from the
    provider's: results that are read twice, or in two processes, are the same spans, and count once. They take as long
    as their batch took, where the client was told of it.
    """

    def __init__(self, api: BatchApi, results: str, server: Server) -> None:
        from hashlib import sha256

        now = time.time_ns()
        batch = _known.get(results) or _Known(results, now, now)
        self._api = api
        self._name = f"batch {batch.id}"
        self._server = server
        self._end = batch.end or now
        self._start = min(batch.start or self._end, self._end)
        ids = sha256(f"spanhouse batch {server.provider} {results}".encode()).digest()
        above = current_parent()
        inherited = above.inherited if above is not None else {}
        self._root = Parent(ids[:16], ids[16:24], inherited)
        self._rest = b""
        self._waiting: deque[bytes] = deque()
        self._began = False
        self.credential = ""

    def take(self, chunk: bytes) -> None:
        """A piece of the body, decoded."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        self._waiting.extend(line for line in lines if line.strip())
        if not self._work():
            runtime().exporter.watch(id(self), lambda now: self._work())

    def end(self) -> None:
        """All that came has come."""
        self.take(b"\n")

    def _work(self) -> bool:
        """Tells of as many as there is room for: a batch may have more than the queue holds. True when none waits."""
        exporter = runtime().exporter
        while self._waiting and not exporter.is_crowded:
            try:
                self._tell(self._waiting.popleft().decode())
            except Exception:
                pass  # A line of an unknown shape says nothing.
        return not self._waiting

    def _tell(self, line: str) -> None:
        from hashlib import sha256

        told: Any = json.loads(line)
        result = self._api.read(line, told) if isinstance(told, dict) else None
        if result is None:
            return
        if not self._began:
            self._began = True
            self._emit(Span(self._name, INTERNAL, self._above, span_id=self._root.span_id, generation=generation()))
        api = result.api
        attributes: dict[str, AttributeValue] = {
            "gen_ai.operation.name": api.operation,
            **self._server.attributes,
            "spanhouse.service_tier": "batch",
        }
        if self.credential:
            attributes["spanhouse.credential"] = f"…{self.credential[-4:]}"
        if result.custom_id:
            attributes["spanhouse.metadata.custom_id"] = result.custom_id
        if result.status:
            attributes["http.response.status_code"] = result.status
        if result.request_id is not None:
            name, value = result.request_id
            attributes[f"http.response.header.{name}"] = [value]
        if result.body:
            attributes["spanhouse.response"] = result.body.encode()
            if result.error is None:
                api.response(json.loads(result.body), attributes)
        model = attributes.get("gen_ai.response.model")
        ids = sha256(f"{self._root.trace_id.hex()} {result.custom_id} {result.id}".encode()).digest()
        span = Span(
            f"{api.operation} {model}" if isinstance(model, str) else api.operation,
            CLIENT,
            self._root,
            attributes=attributes,
            span_id=ids[:8],
            generation=generation(),
        )
        if result.error is not None:
            kind, message = result.error
            span.set_attribute("spanhouse.error.code", kind)
            span.fail(type(kind, (Exception,), {})(message))
        self._emit(span)

    @property
    def _above(self) -> Parent:
        """Of the batch's span: its trace, and nothing in it."""
        return Parent(self._root.trace_id, b"", self._root.inherited)

    def _emit(self, span: Span) -> None:
        span.begin_at(self._start)
        end_span(span, self._end)


def member_text(text: str, name: str) -> str:
    """The text of an object's member as it stands in its JSON; empty where it has none."""
    decoder = json.JSONDecoder()
    at = _after_space(text, 0)
    while at < len(text) and text[at] in "{,":
        at = _after_space(text, at + 1)
        if text[at] == "}":
            break
        found, at = decoder.raw_decode(text, at)
        start = _after_space(text, _after_space(text, at) + 1)
        _, at = decoder.raw_decode(text, start)
        if found == name:
            return text[start:at]
        at = _after_space(text, at)
    return ""


def _after_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def word_of(value: Any) -> str:
    """A text; of anything else the empty one."""
    return value if isinstance(value, str) else ""

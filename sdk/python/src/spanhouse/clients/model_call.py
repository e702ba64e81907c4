"""The span of one call of a model: what was sent, what came back, and how often it was tried."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from time import time_ns
from typing import TYPE_CHECKING, Any

from ..context import current_parent
from ..json_text import json_text
from ..otlp import AttributeValue
from ..runtime import generation, runtime
from ..spans import CLIENT, Span
from ..tracing import end_span
from .api import Api
from .body import Body, decoded
from .providers import Server

if TYPE_CHECKING:
    from ..content import ContentPolicy

_kept_headers = frozenset((b"x-request-id", b"request-id", b"x-amzn-requestid", b"retry-after"))
_text_type = re.compile("json|^text/|event-stream|xml|urlencoded|vnd.amazon")
_abandoned_after_ns = 5 * 10**9


class Attempt:
    """One sending of a call's request."""

    __slots__ = ("end", "error", "retry_after", "start", "status")

    def __init__(self) -> None:
        self.start = time_ns()
        self.end = 0
        self.status = 0
        self.error: str | None = None
        self.retry_after: str | None = None


class ModelCall(Span):
    """
    Filled from where a client sends and receives; whoever notices first that it is over ends it, once. What can wait is
    done by `settle`, on the exporting thread.
    """

    __slots__ = (
        "_aborted",
        "_answer_headers",
        "_api",
        "_encoding",
        "_first_chunk_ns",
        "_is_stream",
        "_left_at",
        "_left_size",
        "_medium",
        "attempts",
        "credential",
        "is_reconstructed",
        "request_body",
        "response_body",
    )

    def __init__(self, api: Api, server: Server, request: Mapping[str, Any]) -> None:
        model = request.get("model")
        attributes: dict[str, AttributeValue] = {"gen_ai.operation.name": api.operation, **server.attributes}
        name = api.operation
        if isinstance(model, str) and model:
            attributes["gen_ai.request.model"] = model
            name = f"{api.operation} {model}"
        super().__init__(name, CLIENT, current_parent(), attributes=attributes, generation=generation())
        self._api = api
        self._aborted = False
        self._answer_headers: Any = ()
        self._encoding = b""
        self._first_chunk_ns = 0
        self._is_stream = False
        self._left_at = 0
        self._left_size = 0
        self._medium: dict[str, object] | None = None
        self.attempts: list[Attempt] = []
        self.credential = ""
        self.is_reconstructed = False
        self.request_body: bytes = b""
        self.response_body: Body | bytes = b""
        api.request(request, attributes)
        runtime().exporter.opened(self)

    @property
    def label(self) -> str:
        return self._api.operation

    def answered(self, status: int, headers: Any) -> None:
        """The last attempt's response has begun; `headers` are pairs of bytes."""
        attempt = self.attempts[-1]
        attempt.end = time_ns()
        attempt.status = status
        self._answer_headers = headers
        for name, value in headers:
            lower = name.lower()
            if lower == b"content-encoding":
                self._encoding = value
            elif lower == b"retry-after":
                attempt.retry_after = value.decode("latin-1")

    def whole(self, body: bytes) -> None:
        """Its body has come as one, decoded by the client."""
        self.response_body = body
        self._encoding = b""

    def unseen(self, body: bytes, headers: Any) -> None:
        """An answer came by a way on which it could not be seen: `body` is what the client gives out of it."""
        self.attempts.append(Attempt())
        pairs = headers.items() if hasattr(headers, "items") else ()
        self.answered(200, [(str(name).encode(), str(value).encode()) for name, value in pairs])
        self.whole(body)

    def reconstructed(self, chunk: bytes, headers: Any) -> None:
        """The same for one chunk of a stream."""
        if not self.is_reconstructed:
            self.unseen(b"", headers)
            self.is_reconstructed = True
            self.streaming(events=True)
            self.first_chunk()
        if isinstance(self.response_body, Body):
            self.response_body.append(chunk)

    @property
    def is_streaming(self) -> bool:
        """Whether its body comes, or came, in pieces after the client had returned."""
        return isinstance(self.response_body, Body)

    def streaming(self, *, events: bool) -> Body:
        """Its body comes in pieces, into what is given; `events` says that they are a stream of the model's."""
        self._is_stream = events
        self.response_body = body = Body(runtime().settings.max_payload_bytes)
        return body

    def first_chunk(self) -> None:
        self._first_chunk_ns = self._started.elapsed()

    def lost(self, error: BaseException) -> None:
        """The last attempt got no response."""
        if not self.attempts:
            return
        attempt = self.attempts[-1]
        attempt.end = time_ns()
        attempt.error = type(error).__name__

    def failed(self, error: BaseException) -> None:
        """The client gave the caller an exception instead of an answer."""
        if self.ended:
            return
        code = _code_of(error)
        if code:
            self.set_attribute("spanhouse.error.code", code)
        self.fail(error)
        self._end(None)

    def done(self) -> None:
        """It is over: all that came has come."""
        if not self._is_refused:
            self._end(None)

    def broke(self, error: BaseException) -> None:
        """The stream ended by an exception, the connection's or the reader's own (an interrupt, a cancellation)."""
        if self.ended or self._is_refused:
            return
        self._aborted = True
        if isinstance(error, Exception):
            self.fail(error)
        self._end(None)

    def closed(self) -> None:
        """Nobody reads the stream any longer; whether it was whole, its end says."""
        if not self.ended and not self._is_refused:
            self._aborted = not self._is_whole()
            self._end(None)

    @property
    def _is_refused(self) -> bool:
        """The last attempt's answer is an error, whose body is read before the client tries again or raises."""
        return bool(self.attempts) and self.attempts[-1].status >= 400

    def stepped_out(self) -> None:
        """
        The program left its loop over the stream, which it may come back to: it is over when it does not, or when the
        stream is closed.
        """
        if self.ended:
            return
        self._left_at = self._started.now()
        self._left_size = len(self.response_body)
        runtime().exporter.watch(id(self), self._look)

    def _look(self, now: bool) -> bool:
        if self.ended:
            return True
        if len(self.response_body) != self._left_size:
            self._left_size = len(self.response_body)
            self._left_at = self._started.now()
        if now or self._started.now() - self._left_at > _abandoned_after_ns:
            self._aborted = not self._is_whole()
            self._end(self._left_at)
        return self.ended

    def _is_whole(self) -> bool:
        body = self.response_body
        if not isinstance(body, Body):
            return True
        if not self._is_stream:
            return False
        tail = body.last(4096) if not self._encoding else decoded(body.head(), self._encoding)[-4096:]
        # OpenAI's responses end with an event that repeats all of the answer: its beginning may lie far back.
        return any(ending in tail for ending in self._api.ending) or any(
            ending in body.head() for ending in self._api.ending if b"response." in ending
        )

    def _end(self, at: int | None) -> None:
        if len(self.attempts) > 1 and not self.ended:
            self._emit_attempts()
        end_span(self, at)

    def _emit_attempts(self) -> None:
        """A child for each, where the client sent the call more than once."""
        self.set_attribute("http.request.resend_count", len(self.attempts) - 1)
        before: Attempt | None = None
        for number, attempt in enumerate(self.attempts, 1):
            attributes: dict[str, AttributeValue] = {"spanhouse.attempt": number}
            if attempt.status:
                attributes["http.response.status_code"] = attempt.status
            if attempt.retry_after is not None:
                attributes["http.response.header.retry-after"] = [attempt.retry_after]
            if before is not None:
                attributes["spanhouse.retry.wait"] = max(0, attempt.start - before.end) / 1e9
            child = Span(f"attempt {number}", CLIENT, self, attributes=attributes, generation=self.generation)
            child.begin_at(attempt.start)
            if attempt.error is not None:
                child.set_attribute("error.type", attempt.error)
            end_span(child, max(attempt.end, attempt.start))
            before = attempt

    def weigh(self) -> int:
        held = self.response_body
        return super().weigh() + len(self.request_body) + (held.held() if isinstance(held, Body) else len(held))

    def settle(self, policy: ContentPolicy) -> None:
        attributes = self._attributes
        self._settle_response(attributes)
        if self.request_body:
            attributes["spanhouse.request"] = self.request_body
        if self.attempts and self.attempts[-1].status:
            attributes["http.response.status_code"] = self.attempts[-1].status
            _read_headers(self._answer_headers, attributes)
        if self._aborted:
            attributes["spanhouse.aborted"] = True
        if self.credential:
            attributes["spanhouse.credential"] = f"…{self.credential[-4:]}"
        self.request_body = self.response_body = b""
        super().settle(policy)
        # A medium is told where its body is: the policy has decided on that.
        if self._medium is not None and "spanhouse.response" in attributes:
            attributes["spanhouse.media"] = json_text([self._medium])

    def _settle_response(self, attributes: dict[str, AttributeValue]) -> None:
        body = self.response_body
        if isinstance(body, Body):
            raw = body.head()
            if self._encoding:
                raw = decoded(raw, self._encoding)
            if body.truncated:
                attributes["spanhouse.response.truncated"] = True
            read = raw if self._encoding else raw + body.last(None)
        else:
            read = raw = body
        succeeded = bool(self.attempts) and 200 <= self.attempts[-1].status < 300
        if raw and succeeded and not _is_text(self._content_type()):
            raw = self._settle_medium(raw, isinstance(body, Body) and body.truncated)
        if raw:
            attributes["spanhouse.response"] = raw
        if not succeeded:
            return
        try:
            if self._is_stream:
                attributes["gen_ai.response.time_to_first_chunk"] = self._first_chunk_ns / 1e9
                self._api.stream(read, attributes)
            elif read[:1] in (b"{", b" ", b"\n"):
                self._api.response(json.loads(read), attributes)
        except Exception:
            pass  # An answer of an unknown shape says nothing; its bytes are kept.

    def _content_type(self) -> str:
        for name, value in self._answer_headers:
            if name.lower() == b"content-type":
                return str(value.decode("latin-1"))
        return ""

    def _settle_medium(self, raw: bytes, truncated: bool) -> bytes:
        """A body that is no text is told by its hash; of one that was not kept whole there is none."""
        if truncated:
            return b""
        from hashlib import sha256

        digest = sha256(raw).hexdigest()
        self._medium = {"sha256": digest, "bytes": len(raw), "media_type": self._content_type()}
        return f"spanhouse:media:{digest}".encode()


def _is_text(content_type: str) -> bool:
    return content_type == "" or _text_type.search(content_type) is not None


def _read_headers(headers: Any, attributes: dict[str, AttributeValue]) -> None:
    for name, value in headers:
        lower = name.lower()
        if lower in _kept_headers or lower.startswith((b"x-ratelimit-", b"anthropic-ratelimit-")):
            attributes[f"http.response.header.{lower.decode('latin-1')}"] = [value.decode("latin-1")]


def _code_of(error: BaseException) -> str | None:
    """The provider's own, as its clients keep it: OpenAI's `code`, Amazon's, Anthropic's `error.type` in the body."""
    code: Any = getattr(error, "code", None)
    if isinstance(code, str) and code:
        return code
    response: Any = getattr(error, "response", None)
    if isinstance(response, dict):
        code = response.get("Error", {}).get("Code")
        return code if isinstance(code, str) and code else None
    body: Any = getattr(error, "body", None)
    inner = body.get("error") if isinstance(body, dict) else None
    kind: Any = inner.get("code") or inner.get("type") if isinstance(inner, dict) else None
    return kind if isinstance(kind, str) and kind else None

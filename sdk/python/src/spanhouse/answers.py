"""The port to the world: who answers a model call, a tool or a retrieval in its place, as a replay does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from .spans import Span


class HttpQuestion(NamedTuple):
    """A request as a client is about to send it. `headers` in lower case; `body` the exact bytes."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    span: Span | None = None
    """Of the call."""
    attempt: int = 1
    """How often the client has sent the call by now."""


class HttpFailure(Exception):
    """No answer came, or not all of one: `type` is the name of an exception of the client's HTTP library."""

    def __init__(self, type: str, message: str) -> None:
        super().__init__(message)
        self.type = type
        self.message = message


class HttpAnswer(NamedTuple):
    """A response as it is to come over the wire; `chunks` are its body, a stream's in pieces."""

    status: int
    headers: Mapping[str, str]
    chunks: Sequence[bytes]
    delays: Sequence[float] = ()
    """Seconds before each chunk; none: they come at once."""
    broken: HttpFailure | None = None
    """How the body breaks off after the last chunk."""


class Value(NamedTuple):
    """What a function is to return."""

    value: Any


class Answers(Protocol):
    """
    Asked before anything leaves the process; None lets the world answer. It may be asked from several threads at once.
    An exception that it raises is the outcome: the caller gets it as if the world had failed so.
    """

    def http(self, question: HttpQuestion) -> HttpAnswer | None:
        """For each attempt of a wrapped client's call."""
        ...

    def tool(self, name: str, arguments: str) -> Value | None:
        """For a call of a wrapped tool; `arguments` as on its span."""
        ...

    def retrieval(self, name: str, query: str) -> Value | None:
        """For a call of a wrapped retriever."""
        ...


_answers: ContextVar[Answers | None] = ContextVar("spanhouse_answers", default=None)
_of_process: Answers | None = None


def current_answers() -> Answers | None:
    """Who answers in this context; None where the world does."""
    return _answers.get() or _of_process


def set_answers_of_process(answers: Answers | None) -> None:
    """Who answers wherever no context says another."""
    global _of_process
    _of_process = answers


@contextmanager
def answered_by(answers: Answers) -> Iterator[None]:
    """Has `answers` asked for all that happens inside, in this task and those it starts."""
    token = _answers.set(answers)
    try:
        yield
    finally:
        _answers.reset(token)

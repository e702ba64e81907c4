"""The port to where spans go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Encoded(NamedTuple):
    """One span as an OTLP `Span` message, and the trace that it belongs to."""

    trace_id: bytes
    message: bytes


class Batch(NamedTuple):
    """Spans of one resource and scope; `resource` and `scope` are OTLP messages."""

    resource: bytes
    scope: bytes
    spans: Sequence[Encoded]


class Accepted(NamedTuple):
    """The destination answers for the batch, except for so many spans that it refused for good."""

    rejected: int = 0


class Later(NamedTuple):
    """Not now: the same batch may be sent again, and not before so many seconds where the destination says so."""

    reason: str
    after: float | None = None


class TooLarge(NamedTuple):
    """The batch is too large as a whole; its halves may not be."""

    reason: str


class Refused(NamedTuple):
    """Never: sending it again would be refused again."""

    reason: str


Outcome = Accepted | Later | TooLarge | Refused


class Transport(Protocol):
    """
    Takes batches to one destination. It is called from one thread at a time, and never raises for what a network or a
    destination does: that is an `Outcome`. `Accepted` is said only when the destination has answered for the spans; a
    batch whose fate is unknown is `Later` (the store takes a span that comes twice as one).
    """

    def send(self, batch: Batch, timeout: float) -> Outcome:
        """Sends a batch, or gives up after `timeout` seconds."""
        ...

    def close(self) -> None:
        """Frees connections. Nothing is sent afterwards."""
        ...

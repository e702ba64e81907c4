"""The daemon thread that takes spans from the outbox to a transport."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from time import monotonic
from typing import NamedTuple

from .backoff import wait_before
from .content import ContentPolicy
from .outbox import Outbox
from .spans import Span
from .transport import Accepted, Batch, Encoded, Later, Outcome, TooLarge, Transport

_IDLE = 0
"""The thread waits for anything at all."""
_COLLECTING = 1
"""It waits for a batch to become full, at most an interval."""
_BUSY = 2

_interval = 1.0
"""Seconds that a span waits for others at most, and how exact the age of open spans is."""
_batch_bytes = 1024 * 1024
_batch_spans = 1024
_announce_after_ns = 5 * 10**9
_send_timeout = 10.0
_retry_for = 300.0
"""Seconds after which a batch that the destination does not take is dropped."""


class Delivery(NamedTuple):
    """What became of the spans of this process so far."""

    sent: int
    """The destination answered for them."""
    retried: int
    """Requests that had to be sent again."""
    dropped: int
    """Gave way to the queue's bound, were refused, or could not be sent in time."""
    pending: int
    """Still on their way."""


class Exporter:
    """
    Sends what the outbox holds every second, or sooner when a batch is full; announces spans that are open for long.
    Its thread starts with the first span and never keeps the process alive.
    """

    def __init__(
        self,
        *,
        outbox: Outbox,
        transport: Callable[[], Transport],
        policy: ContentPolicy,
        resource: bytes,
        scope: bytes,
        warn: Callable[[str], None],
        began: Callable[[Span], None] | None = None,
    ) -> None:
        self._warn = warn
        self._began = began
        self._outbox = outbox
        self._make_transport = transport
        self._transport: Transport | None = None
        self._policy = policy
        self._resource = resource
        self._scope = scope
        self._open: dict[bytes, Span] = {}
        self._left: dict[int, Callable[[bool], bool]] = {}
        self._wake = threading.Lock()
        self._wake.acquire()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._state = _IDLE
        self._flushes: deque[threading.Lock] = deque()
        self._deadline: float | None = None
        self._in_flight = 0
        self.sent = 0
        self.retried = 0
        self.dropped = 0

    def opened(self, span: Span) -> None:
        """Watches a span that started."""
        if self._began is not None:
            self._began(span)
        self._open[span.span_id] = span
        if self._state == _IDLE:
            self._awaken()

    def ended(self, span: Span) -> None:
        """Takes a span that ended: it waits in the outbox."""
        self._open.pop(span.span_id, None)
        span.size = span.weigh()
        self._outbox.put(span)
        outbox = self._outbox
        if self._state == _IDLE or (
            self._state == _COLLECTING and (outbox.bytes >= _batch_bytes or outbox.waiting >= _batch_spans)
        ):
            self._awaken()

    def add(self, span: Span) -> None:
        """Takes a control span, which is not numbered."""
        span.size = span.weigh()
        self._outbox.put(span, numbered=False)
        self._awaken()

    def watch(self, key: int, look: Callable[[bool], bool]) -> None:
        """
        Has `look` called each second, and with True at a flush, until it says that there is nothing left to look at.
        For streams that a program left without closing them.
        """
        self._left[key] = look
        self._awaken()

    @property
    def is_crowded(self) -> bool:
        """Whether who has many spans to tell of should wait until others are sent."""
        return self._outbox.is_crowded

    def delivery(self) -> Delivery:
        outbox = self._outbox
        return Delivery(self.sent, self.retried, self.dropped + outbox.dropped, outbox.waiting + self._in_flight)

    def flush(self, timeout: float) -> Delivery:
        """Waits until all that has ended by now is sent or dropped, at most so many seconds."""
        if self._look_at_left(True) or self._outbox.waiting or self._in_flight:
            done = threading.Lock()
            done.acquire()
            self._flushes.append(done)
            if self._awaken():
                done.acquire(timeout=max(0.0, timeout))
            else:
                self._drain(monotonic() + timeout)
                self._close()
        return self.delivery()

    def stop(self, timeout: float) -> Delivery:
        """Flushes within so many seconds, drops what is left, and ends the thread."""
        self._deadline = monotonic() + timeout
        self.flush(timeout)
        self._outbox.drop_all()
        self._awaken()
        sent, retried, dropped, pending = self.delivery()
        return Delivery(sent, retried, dropped + pending, 0)

    def _awaken(self) -> bool:
        """Wakes the thread, starting it where needed; False where a thread can no longer be started."""
        if self._thread is None and self._deadline is None and not self._start():
            return False
        try:
            self._wake.release()
        except RuntimeError:
            pass  # It is awake, or about to be.
        return self._thread is not None

    def _start(self) -> bool:
        # Not a blocking lock: a finaliser may come here while this thread is within.
        if not self._starting.acquire(blocking=False):
            return True
        try:
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="spanhouse", daemon=True)
                thread.start()
                self._thread = thread
            return True
        except RuntimeError:
            return False
        finally:
            self._starting.release()

    def _run(self) -> None:
        while True:
            try:
                self._sleep()
                self._look_at_left(False)
                self._announce()
                self._drain(self._deadline)
            except Exception:
                pass  # What cannot be sent is counted where it happens; the thread itself must live.
            if self._deadline is not None:
                break
        self._close()

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _sleep(self) -> None:
        """Until there is something to do, and then so long that more may come."""
        if not self._has_work():
            self._state = _IDLE
            # What came between the look and the state has not woken anybody: look again.
            if not self._has_work():
                self._wake.acquire()
        self._state = _COLLECTING
        if not self._flushes and self._deadline is None:
            self._wake.acquire(timeout=_interval)
        self._state = _BUSY

    def _has_work(self) -> bool:
        return bool(self._open or self._left or self._outbox.waiting or self._flushes or self._deadline)

    def _look_at_left(self, now: bool) -> bool:
        for key, look in tuple(self._left.items()):
            if look(now):
                self._left.pop(key, None)
        return bool(self._outbox.waiting)

    def _announce(self) -> None:
        announced: list[Encoded] = []
        for span in tuple(self._open.values()):
            if span.elapsed() < _announce_after_ns:
                break
            self._open.pop(span.span_id, None)
            if not span.ended:
                announced.append(Encoded(span.trace_id, span.encode(announce=True)))
        if announced:
            # Only once, and not counted: its end supersedes it.
            self._destination().send(Batch(self._resource, self._scope, announced), _send_timeout)

    def _drain(self, deadline: float | None) -> None:
        flushes = tuple(self._flushes)
        while spans := self._outbox.take(_batch_bytes, _batch_spans):
            self._in_flight = len(spans)
            self._deliver([one for one in (self._encode(span) for span in spans) if one is not None], deadline)
            self._in_flight = 0
            deadline = self._deadline or deadline
            if deadline is not None and monotonic() > deadline:
                self._outbox.drop_all()
        for done in flushes:
            self._flushes.remove(done)
            done.release()

    def _encode(self, span: object) -> Encoded | None:
        assert isinstance(span, Span)
        try:
            span.settle(self._policy)
            return Encoded(span.trace_id, span.encode())
        except Exception:
            self.dropped += 1
            return None

    def _deliver(self, spans: Sequence[Encoded], deadline: float | None) -> None:
        """Sends a batch until it is taken, refused, or given up; one that is too large in halves."""
        started = monotonic()
        retry = 0
        while spans:
            outcome = self._send(spans, deadline)
            if isinstance(outcome, Accepted):
                rejected = min(outcome.rejected, len(spans))
                self.sent += len(spans) - rejected
                self.dropped += rejected
                if rejected:
                    self._warn(f"{rejected} spans were refused by the receiver")
                return
            if isinstance(outcome, TooLarge) and len(spans) > 1:
                half = len(spans) // 2
                self._deliver(spans[:half], deadline)
                spans = spans[half:]
                continue
            deadline = self._deadline or deadline
            retry += 1
            wait = wait_before(retry, outcome.after) if isinstance(outcome, Later) else 0.0
            give_up_at = started + _retry_for if deadline is None else deadline
            if not isinstance(outcome, Later) or monotonic() + wait > give_up_at:
                self.dropped += len(spans)
                self._warn(f"{len(spans)} spans were dropped: {outcome.reason}")
                return
            self._warn(f"spans could not be sent and will be sent again: {outcome.reason}")
            self.retried += 1
            self._wait(wait)

    def _send(self, spans: Sequence[Encoded], deadline: float | None) -> Outcome:
        deadline = self._deadline or deadline
        timeout = _send_timeout if deadline is None else min(_send_timeout, max(0.05, deadline - monotonic()))
        try:
            return self._destination().send(Batch(self._resource, self._scope, spans), timeout)
        except Exception as error:
            return Later(f"{type(error).__name__}: {error}")

    def _wait(self, seconds: float) -> None:
        """Between two attempts; cut short when the process is about to end, so that a last attempt is made."""
        until = monotonic() + seconds
        while self._deadline is None and (left := until - monotonic()) > 0:
            self._wake.acquire(timeout=left)

    def _destination(self) -> Transport:
        if self._transport is None:
            self._transport = self._make_transport()
        return self._transport

"""The SDK of this process: made at first use or by `init`, renewed in the child of a fork, ended at exit."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from . import otlp
from .answers import set_answers_of_process
from .content import ContentPolicy
from .exporter import Delivery, Exporter
from .ids import new_instance_id
from .otlp import AttributeValue
from .outbox import Outbox
from .settings import Content, Redact, Settings
from .spans import INTERNAL, Span
from .troubles import create_warnings
from .version import __version__

if TYPE_CHECKING:
    from .replay.replay_answers import ReplayAnswers
    from .transport import Transport


class Runtime:
    """Settings, the outbox and its exporter under one instance id. One lives at a time."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.instance = new_instance_id()
        warn = create_warnings()
        self.answers = _replay_of(settings)
        self._outbox = Outbox(settings.max_queue_bytes, settings.max_queue_spans)
        self.exporter = Exporter(
            outbox=self._outbox,
            transport=self._transport,
            policy=ContentPolicy(
                content=settings.content,
                redact=settings.redact,
                sample=settings.sample_payloads,
                max_payload_bytes=settings.max_payload_bytes,
                warn=warn,
            ),
            resource=otlp.resource(self._resource().items()),
            scope=otlp.scope("spanhouse", __version__),
            warn=warn,
            began=None if self.answers is None else self.answers.positions.began,
        )

    def stop(self, timeout: float) -> Delivery:
        """Says which number was the last, and sends what is left within so many seconds."""
        if self._outbox.last_sequence:
            close = Span("spanhouse.close", INTERNAL, None)
            close.set_attribute("spanhouse.final_sequence", self._outbox.last_sequence)
            close.close()
            self.exporter.add(close)
        return self.exporter.stop(timeout)

    def _transport(self) -> Transport:
        if self.settings.transport is not None:
            return self.settings.transport
        from .http_transport import HttpTransport

        return HttpTransport(self.settings.url, self.settings.api_key)

    def _resource(self) -> dict[str, AttributeValue]:
        settings = self.settings
        facts: dict[str, AttributeValue] = {"service.name": settings.service_name}
        if settings.release:
            facts["service.version"] = settings.release
        if settings.environment:
            facts["deployment.environment.name"] = settings.environment
        return facts | {
            "telemetry.sdk.name": "spanhouse",
            "telemetry.sdk.language": "python",
            "telemetry.sdk.version": __version__,
            "spanhouse.instance": self.instance,
        }


def _replay_of(settings: Settings) -> ReplayAnswers | None:
    if not settings.replay:
        return None
    from .replay.replay_answers import ReplayAnswers

    return ReplayAnswers(settings.replay, settings.redact)


_runtime: Runtime | None = None
_settings: Settings | None = None
_making = threading.RLock()
_generation = 0
_exit_is_registered = False


def runtime() -> Runtime:
    """The one that lives, made by the environment's settings where there is none."""
    return _runtime or _make()


def generation() -> int:
    """How many forks lie between the first process and this one."""
    return _generation


def init(
    *,
    url: str | None = None,
    api_key: str | None = None,
    service_name: str | None = None,
    environment: str | None = None,
    release: str | None = None,
    content: Content = "full",
    redact: Redact | None = None,
    sample_payloads: float = 1.0,
    max_payload_bytes: int = 1024 * 1024,
    max_queue_bytes: int = 32 * 1024 * 1024,
    max_queue_spans: int = 100_000,
    exit_timeout: float = 2.0,
    transport: Transport | None = None,
) -> None:
    """
    Says where spans go and what they hold. Not needed where the environment says it. A second call replaces the first,
    which then sends what it still has within `exit_timeout`.

    - `url`, `api_key`: the gateway, else `SPANHOUSE_URL` (default `http://127.0.0.1:4318`) and `SPANHOUSE_API_KEY`
    - `service_name`, `environment`, `release`: else `OTEL_SERVICE_NAME`, `SPANHOUSE_ENVIRONMENT`, `SPANHOUSE_RELEASE`
    - `content`: `"full"`, `"hashed"` (bodies as SHA-256) or `"none"`
    - `redact`: takes each text before it leaves and gives what may leave, or None for nothing; where it raises, the
      text stays here
    - `sample_payloads`: the share of traces, 0 to 1, whose texts are kept; spans and their numbers always are
    - `max_payload_bytes`: a longer request or response body is cut to so many bytes
    - `max_queue_bytes`, `max_queue_spans`: what may wait for a slow or absent gateway; beyond it whole traces are
      dropped, the oldest first, and counted
    - `exit_timeout`: the seconds that the end of the process may take for sending what is left
    - `transport`: another destination, such as `spanhouse.kafka.KafkaTransport`

    Raises `ValueError` for a value out of its range.
    """
    global _runtime, _settings
    settings = Settings(
        url=url,
        api_key=api_key,
        service_name=service_name,
        environment=environment,
        release=release,
        content=content,
        redact=redact,
        sample_payloads=sample_payloads,
        max_payload_bytes=max_payload_bytes,
        max_queue_bytes=max_queue_bytes,
        max_queue_spans=max_queue_spans,
        exit_timeout=exit_timeout,
        transport=transport,
    )
    with _making:
        before, _runtime, _settings = _runtime, None, settings
        _make()
    if before is not None:
        before.stop(settings.exit_timeout)


@contextmanager
def replayed_runtime(address: str) -> Iterator[None]:
    """Has the replay at the address answer and be told what happens within, and the SDK as it was before afterwards."""
    global _runtime, _settings
    before, settings_before = _runtime, _settings
    redact = settings_before.redact if settings_before is not None else None
    with _making:
        _runtime, _settings = None, Settings(replay=address, redact=redact)
        _make()
    try:
        yield
    finally:
        with _making:
            replayed, _runtime, _settings = _runtime, before, settings_before
            set_answers_of_process(None if before is None else before.answers)
        if replayed is not None:
            replayed.stop(10.0)


def flush(timeout: float = 10.0) -> Delivery:
    """
    Waits, at most so many seconds, until every span that has ended is sent or dropped, and says what became of all so
    far. It blocks: in a coroutine, `await asyncio.to_thread(flush)`.
    """
    return runtime().exporter.flush(timeout)


def shutdown(timeout: float = 10.0) -> Delivery:
    """
    Sends what is left within so many seconds, says to the gateway which number was the last, and drops the rest. A span
    that ends later begins anew, as another instance. Called at exit by itself, with `exit_timeout`.
    """
    global _runtime
    with _making:
        before, _runtime = _runtime, None
    return before.stop(timeout) if before is not None else Delivery(0, 0, 0, 0)


def _make() -> Runtime:
    global _runtime, _exit_is_registered
    with _making:
        if _runtime is None:
            _runtime = Runtime(_settings or Settings())
            set_answers_of_process(_runtime.answers)
            if not _exit_is_registered:
                _exit_is_registered = True
                atexit.register(_at_exit)
                _at_exit_of_multiprocessing()
        return _runtime


def _at_exit() -> None:
    if _runtime is not None:
        shutdown(_runtime.settings.exit_timeout)


def _at_exit_of_multiprocessing() -> None:
    """Its children end by `os._exit`, which runs its own finalizers and not `atexit`'s."""
    process = sys.modules.get("multiprocessing.process")
    util = sys.modules.get("multiprocessing.util")
    if process is not None and util is not None and process.parent_process() is not None:
        util.Finalize(None, _at_exit, exitpriority=0)


def _after_fork_in_child() -> None:
    """What waited is the parent's to send, its thread did not come along, and its locks may be held for ever."""
    global _runtime, _making, _generation, _exit_is_registered
    _generation += 1
    _making = threading.RLock()
    _runtime = None
    # multiprocessing forgets the finalizers of its parent: register again at first use.
    atexit.unregister(_at_exit)
    _exit_is_registered = False


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)

"""A transport that keeps what it is given, decoded by OpenTelemetry's own protobuf messages."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from spanhouse import otlp
from spanhouse.transport import Accepted, Batch, Outcome

_kinds = {1: "internal", 3: "client"}


@dataclass
class Collected:
    """A span as it came over the wire."""

    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_span_id: str
    start: int
    end: int
    attributes: dict[str, Any]
    status: int
    message: str
    events: list[tuple[str, dict[str, Any]]]
    resource: dict[str, Any] = field(repr=False)

    @property
    def is_open(self) -> bool:
        return self.attributes.get("spanhouse.open") is True


def spans_of(body: bytes) -> list[Collected]:
    """Decodes an `ExportTraceServiceRequest`."""
    request = ExportTraceServiceRequest.FromString(body)
    found: list[Collected] = []
    for resource_spans in request.resource_spans:
        resource = _attributes(resource_spans.resource.attributes)
        for scope_spans in resource_spans.scope_spans:
            assert scope_spans.scope.name == "spanhouse"
            for span in scope_spans.spans:
                found.append(
                    Collected(
                        span.name,
                        _kinds[span.kind],
                        span.trace_id.hex(),
                        span.span_id.hex(),
                        span.parent_span_id.hex(),
                        span.start_time_unix_nano,
                        span.end_time_unix_nano,
                        _attributes(span.attributes),
                        span.status.code,
                        span.status.message,
                        [(event.name, _attributes(event.attributes)) for event in span.events],
                        resource,
                    )
                )
    return found


class Collector:
    """Accepts everything, or answers with the outcomes that `answers` holds first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spans: list[Collected] = []
        self.answers: list[Outcome] = []
        self.batches: list[int] = []
        self.closed = False

    @property
    def spans(self) -> list[Collected]:
        with self._lock:
            return list(self._spans)

    def ended(self) -> list[Collected]:
        """Without announcements and control spans."""
        return [span for span in self.spans if not span.is_open and not span.name.startswith("spanhouse.")]

    def clear(self) -> None:
        with self._lock:
            self._spans.clear()

    def send(self, batch: Batch, timeout: float) -> Outcome:
        with self._lock:
            self.batches.append(len(batch.spans))
            if self.answers:
                answer = self.answers.pop(0)
                if not isinstance(answer, Accepted):
                    return answer
            body = otlp.request(batch.resource, batch.scope, [span.message for span in batch.spans])
            self._spans += spans_of(body)
        return Accepted()

    def close(self) -> None:
        self.closed = True


def _attributes(pairs: Any) -> dict[str, Any]:
    named = {pair.key: _value(pair.value) for pair in pairs}
    assert len(named) == len(pairs), "an attribute twice"
    return named


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(item) for item in value.array_value.values]
    return getattr(value, kind)

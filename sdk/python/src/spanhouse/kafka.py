"""Spans straight to Kafka: `pip install spanhouse[kafka]`, `init(transport=KafkaTransport("broker:9092"))`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from time import monotonic
from typing import Any

from . import otlp
from .transport import Accepted, Batch, Later, Outcome, Refused


class KafkaTransport:
    """
    One trace a record, its key the lowercase hex trace id, as Spanhouse's gateway writes them. `config` is for
    librdkafka (security, compression); what is said of a record's place and durability there is fixed here.
    """

    def __init__(
        self,
        brokers: str,
        *,
        project: str | None = None,
        topic: str = "otlp_spans",
        config: Mapping[str, Any] | None = None,
    ) -> None:
        project = project or os.environ.get("SPANHOUSE_PROJECT") or "default"
        self._topic = topic
        self._headers = [("content-type", b"application/x-protobuf"), ("spanhouse-project", project.encode())]
        self._config: dict[str, Any] = {
            "compression.type": "gzip",
            **(config or {}),
            "bootstrap.servers": brokers,
            # The partitions of a trace are Java's, so that it has one whoever writes.
            "partitioner": "murmur2_random",
            "acks": "all",
            "enable.idempotence": True,
        }
        self._producer: Any = None

    def send(self, batch: Batch, timeout: float) -> Outcome:
        """Produces a record a trace, and waits at most so many seconds for all to be acknowledged."""
        deadline = monotonic() + timeout
        producer = self._connected()
        by_trace: dict[bytes, list[bytes]] = {}
        for span in batch.spans:
            by_trace.setdefault(span.trace_id, []).append(span.message)
        errors: list[Any] = []
        answered = 0
        rejected = 0

        def on_delivery(spans: int) -> Any:
            def report(error: Any, message: Any) -> None:
                nonlocal answered, rejected
                answered += 1
                if error is not None and error.code() == error.MSG_SIZE_TOO_LARGE:
                    rejected += spans
                elif error is not None:
                    errors.append(error)

            return report

        from confluent_kafka import KafkaException

        for trace_id, spans in by_trace.items():
            value = otlp.request(batch.resource, batch.scope, spans)
            try:
                producer.produce(
                    self._topic,
                    value,
                    key=trace_id.hex().encode(),
                    headers=self._headers,
                    on_delivery=on_delivery(len(spans)),
                )
            except (BufferError, KafkaException) as error:
                if "MSG_SIZE_TOO_LARGE" in repr(error):
                    answered += 1
                    rejected += len(spans)
                else:
                    errors.append(error)
                    answered += 1
        producer.flush(max(0.0, deadline - monotonic()))
        if answered < len(by_trace):
            # Records that are still under way must not meet those that take their place.
            producer.purge()
            self._producer = None
            return Later(f"Kafka has not answered within {timeout:.0f} s")
        if errors:
            return Later(str(errors[0]))
        if rejected == len(batch.spans):
            return Refused("the records are larger than the topic takes")
        return Accepted(rejected)

    def close(self) -> None:
        """Frees its connections."""
        self._producer = None

    def _connected(self) -> Any:
        if self._producer is None:
            from confluent_kafka import Producer

            self._producer = Producer(self._config)
        return self._producer

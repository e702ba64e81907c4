"""Straight to the Kafka that `SPANHOUSE_TEST_KAFKA` names; `sdk/conformance/test/python-kafka.test.ts` runs it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from collector import spans_of
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

import spanhouse
from spanhouse.kafka import KafkaTransport

_brokers = os.environ["SPANHOUSE_TEST_KAFKA"]
_partitions = 8


@pytest.fixture
def topic() -> Iterator[str]:
    admin = AdminClient({"bootstrap.servers": _brokers})
    name = f"sdk-python-{os.urandom(4).hex()}"
    admin.create_topics([NewTopic(name, _partitions, 1)])[name].result(30)
    yield name
    admin.delete_topics([name])[name].result(30)


def test_a_record_a_trace_keyed_as_java_does(topic: str) -> None:
    spanhouse.init(transport=KafkaTransport(_brokers, project="p1", topic=topic))
    traces: set[str] = set()
    for _ in range(20):
        with spanhouse.trace("root") as root, spanhouse.span("step"):
            traces.add(root.trace_id_hex)
    assert spanhouse.flush(30) == (40, 0, 0, 0)
    consumer = Consumer({"bootstrap.servers": _brokers, "group.id": topic, "enable.auto.commit": False})
    consumer.assign([TopicPartition(topic, partition, 0) for partition in range(_partitions)])
    found: set[str] = set()
    while len(found) < len(traces):
        record = consumer.poll(30)
        assert record is not None, "a record is missing"
        key, value = record.key(), record.value()
        assert key is not None
        assert value is not None
        assert record.partition() == (_murmur2(key) & 0x7FFFFFFF) % _partitions
        assert dict(record.headers() or []) == {"content-type": b"application/x-protobuf", "spanhouse-project": b"p1"}
        assert [(span.trace_id, span.name) for span in spans_of(value)] == [
            (key.decode(), "step"),
            (key.decode(), "root"),
        ]
        found.add(key.decode())
    consumer.close()
    assert found == traces
    spanhouse.shutdown()


def _murmur2(data: bytes) -> int:
    """Of Kafka's Java client, for keys whose length is a multiple of 4, as a trace id's."""
    m, mask = 0x5BD1E995, 0xFFFFFFFF
    h = (0x9747B28C ^ len(data)) & mask
    for at in range(0, len(data), 4):
        k = int.from_bytes(data[at : at + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = h * m & mask ^ k
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15

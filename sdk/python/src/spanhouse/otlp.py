"""OTLP in protobuf, written by hand: an encoder of what this SDK emits and no more.

Field numbers are those of opentelemetry-proto 1.x (`trace.proto`, `common.proto`, `resource.proto`). It is here because
importing protobuf and its generated messages costs more than the whole of this package, and encoding through them
several times as much per span.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence

AttributeValue = str | bytes | bool | int | float | Sequence[str]
"""Of an attribute. `bytes` are a text that is already UTF-8: a body as it crossed the wire."""

_pack_double = struct.Struct("<d").pack
_pack_times = struct.Struct("<BQBQ").pack
_pack_time = struct.Struct("<BQ").pack

_small_varints = [bytes((n,)) for n in range(128)]


def varint(n: int) -> bytes:
    """A non-negative integer in base 128, least significant group first."""
    if n < 128:
        return _small_varints[n]
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def field(tag: bytes, content: bytes) -> bytes:
    """A length-delimited field; `tag` is its number and wire type."""
    return tag + varint(len(content)) + content


_keys: dict[str, bytes] = {}
_known_keys_at_most = 4096


def _key(name: str) -> bytes:
    encoded = _keys.get(name)
    if encoded is None:
        encoded = field(b"\x0a", text(name))
        if len(_keys) < _known_keys_at_most:
            _keys[name] = encoded
    return encoded


def text(value: str) -> bytes:
    """UTF-8; lone surrogates, which UTF-8 cannot say, become question marks."""
    try:
        return value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace")


def _utf8(value: bytes) -> bytes:
    """Bytes that a protobuf string may hold; what is not UTF-8 becomes U+FFFD."""
    if value.isascii():
        return value
    try:
        value.decode()
    except UnicodeDecodeError:
        return value.decode("utf-8", "replace").encode()
    return value


def _any_value(value: AttributeValue) -> bytes:
    if isinstance(value, str):
        return field(b"\x0a", text(value))
    if isinstance(value, bytes):
        return field(b"\x0a", _utf8(value))
    if isinstance(value, bool):
        return b"\x10\x01" if value else b"\x10\x00"
    if isinstance(value, int):
        if -(1 << 63) <= value < 1 << 63:
            return b"\x18" + varint(value & 0xFFFFFFFFFFFFFFFF)
        return field(b"\x0a", text(str(value)))
    if isinstance(value, float):
        return b"\x21" + _pack_double(value)
    return field(b"\x2a", b"".join(field(b"\x0a", _any_value(str(item))) for item in value))


def attributes(tag: bytes, pairs: Iterable[tuple[str, AttributeValue]]) -> list[bytes]:
    """KeyValue fields under `tag`."""
    parts: list[bytes] = []
    for name, value in pairs:
        key = _key(name)
        any_value = _any_value(value)
        tail = varint(len(any_value))
        parts += (tag, varint(len(key) + 1 + len(tail) + len(any_value)), key, b"\x12", tail, any_value)
    return parts


class Event:
    """Something that happened at a moment of a span. `time` in Unix nanoseconds."""

    __slots__ = ("attributes", "name", "time")

    def __init__(self, name: str, time: int, attributes: Mapping[str, AttributeValue]) -> None:
        self.name = name
        self.time = time
        self.attributes = attributes


def span(
    *,
    trace_id: bytes,
    span_id: bytes,
    parent_span_id: bytes,
    name: str,
    kind: int,
    start: int,
    end: int,
    pairs: Iterable[tuple[str, AttributeValue]],
    events: Sequence[Event],
    error: str | None,
) -> bytes:
    """One `Span` message. Times in Unix nanoseconds; an `error` is its message, None leaves the status unset."""
    parts = [b"\x0a\x10", trace_id, b"\x12\x08", span_id]
    if parent_span_id:
        parts += (b"\x22\x08", parent_span_id)
    parts += (field(b"\x2a", text(name)), b"\x30", varint(kind), _pack_times(0x39, start, 0x41, end))
    parts += attributes(b"\x4a", pairs)
    for event in events:
        content = b"".join(
            [
                _pack_time(0x09, event.time),
                field(b"\x12", text(event.name)),
                *attributes(b"\x1a", event.attributes.items()),
            ]
        )
        parts.append(field(b"\x5a", content))
    if error is not None:
        parts.append(field(b"\x7a", field(b"\x12", text(error)) + b"\x18\x02"))
    return b"".join(parts)


def request(resource: bytes, scope: bytes, spans: Sequence[bytes]) -> bytes:
    """An `ExportTraceServiceRequest` of encoded spans under one resource and scope."""
    scope_spans = field(b"\x0a", scope) + b"".join(field(b"\x12", one) for one in spans)
    return field(b"\x0a", field(b"\x0a", resource) + field(b"\x12", scope_spans))


def resource(pairs: Iterable[tuple[str, AttributeValue]]) -> bytes:
    """A `Resource` message."""
    return b"".join(attributes(b"\x0a", pairs))


def scope(name: str, version: str) -> bytes:
    """An `InstrumentationScope` message."""
    return field(b"\x0a", text(name)) + field(b"\x12", text(version))


def rejected_spans(response: bytes) -> int:
    """How many spans an `ExportTraceServiceResponse` says were not taken; 0 where it says nothing or is no protobuf."""
    try:
        for number, partial in _fields(response):
            if number == 1 and isinstance(partial, bytes):
                return sum(n for inner, n in _fields(partial) if inner == 1 and isinstance(n, int))
    except (IndexError, ValueError):
        pass
    return 0


def _fields(message: bytes) -> list[tuple[int, int | bytes]]:
    found: list[tuple[int, int | bytes]] = []
    at = 0
    while at < len(message):
        tag, at = _read_varint(message, at)
        if tag & 7 == 0:
            n, at = _read_varint(message, at)
            found.append((tag >> 3, n))
        elif tag & 7 == 2:
            length, at = _read_varint(message, at)
            found.append((tag >> 3, message[at : at + length]))
            at += length
        else:
            raise ValueError(f"wire type {tag & 7} is not in an ExportTraceServiceResponse")
    return found


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    n = shift = 0
    while True:
        byte = message[at]
        at += 1
        n |= (byte & 127) << shift
        if byte < 128:
            return n, at
        shift += 7

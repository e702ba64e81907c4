"""A response body as it comes, chunk by chunk, held within bounds."""

from __future__ import annotations

from collections import deque

_tail_bytes = 1024 * 1024


class Body:
    """
    The first `limit` bytes, and of what comes after them the last: a stream's usage stands at its end. Appending is all
    that happens while somebody waits for the chunk.
    """

    __slots__ = ("_chunks", "_limit", "_size", "_tail", "_tail_size")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._chunks: list[bytes] = []
        self._size = 0
        self._tail: deque[bytes] = deque()
        self._tail_size = 0

    def __len__(self) -> int:
        """How many bytes have come."""
        return self._size

    def held(self) -> int:
        """Bytes of memory."""
        return min(self._size, self._limit) + self._tail_size

    @property
    def truncated(self) -> bool:
        """Whether it was longer than its limit."""
        return bool(self._tail)

    def append(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size <= self._limit:
            self._chunks.append(chunk)
        else:
            self._append_to_tail(chunk)

    def _append_to_tail(self, chunk: bytes) -> None:
        room = self._limit - (self._size - len(chunk))
        if room > 0:
            self._chunks.append(chunk[:room])
            chunk = chunk[room:]
        self._tail.append(chunk)
        self._tail_size += len(chunk)
        while self._tail_size > _tail_bytes and len(self._tail) > 1:
            self._tail_size -= len(self._tail.popleft())

    def head(self) -> bytes:
        """Its first bytes; all of them where it was not longer than the limit."""
        if len(self._chunks) > 1:
            self._chunks = [b"".join(self._chunks)]
        return self._chunks[0] if self._chunks else b""

    def last(self, size: int | None) -> bytes:
        """Its last bytes, at least so many where there are; None for all that came after the head."""
        if size is None:
            return b"".join(self._tail)
        found: list[bytes] = []
        length = 0
        for chunk in (*reversed(self._tail), *reversed(self._chunks)):
            found.append(chunk)
            length += len(chunk)
            if length >= size:
                break
        return b"".join(reversed(found))[-size:]


def decoded(body: bytes, encoding: bytes) -> bytes:
    """
    As the client read it: without its content encoding, as far as it came. Of an encoding that the standard library
    does not know, nothing.
    """
    import zlib

    name = encoding.decode("latin-1").strip().lower()
    if name in ("gzip", "x-gzip", "deflate"):
        try:
            return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(body)
        except zlib.error:
            return b""
    return body if name in ("", "identity") else b""


class Decoder:
    """The same for a body that is read while it comes: each piece as far as it can be decoded."""

    def __init__(self, encoding: bytes) -> None:
        import zlib

        name = encoding.decode("latin-1").strip().lower()
        self._known = name in ("", "identity")
        zipped = name in ("gzip", "x-gzip", "deflate")
        self._inflating = zlib.decompressobj(zlib.MAX_WBITS | 32) if zipped else None

    def decode(self, chunk: bytes) -> bytes:
        if self._inflating is not None:
            return self._inflating.decompress(chunk)
        return chunk if self._known else b""

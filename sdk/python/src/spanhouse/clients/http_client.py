"""The seam at httpx: a client's own HTTP client, with every exchange of a wrapped call seen as it crosses the wire."""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, cast

from ..answers import HttpFailure, HttpQuestion, current_answers
from .batch_results import BatchEar, BatchResults, current_results
from .body import Body, Decoder
from .form import form_told
from .model_call import Attempt, ModelCall

current_call: ContextVar[ModelCall | None] = ContextVar("spanhouse_call", default=None)
"""The call that the requests of this context belong to; set only while its client is at work."""


def tapped(http_client: Any) -> Any:
    """
    The same HTTP client under another face: one set of connections, settings and cookies, and still an instance of its
    class, httpx's or httpx2's, sync or async. Closing either closes both; neither is closed by the other's end.
    """
    kind: Any = type(http_client)
    if getattr(kind, "_spanhouse_tap", False):
        return http_client
    face = object.__new__(_tapped_class(kind))
    face.__dict__ = http_client.__dict__
    face._spanhouse_origin = http_client
    return face


@lru_cache(maxsize=64)
def _tapped_class(kind: Any) -> Any:
    import inspect

    names = (one.__module__.split(".")[0] for one in kind.__mro__)
    http = sys.modules[next((name for name in names if name in ("httpx", "httpx2")), "httpx")]
    is_async = inspect.iscoroutinefunction(kind.send)
    return type(
        kind.__name__,
        (kind,),
        {
            "__module__": kind.__module__,
            "__qualname__": kind.__qualname__,
            # Its dictionary is the original's: a slot holds what is its own.
            "__slots__": ("_spanhouse_origin",),
            "__del__": lambda self: None,
            "_spanhouse_tap": True,
            "send": _async_send(kind, http) if is_async else _send(kind, http),
        },
    )


def _send(kind: Any, http: Any) -> Any:
    def send(self: Any, request: Any, *, stream: bool = False, **options: Any) -> Any:
        call = current_call.get()
        if call is None:
            return _heard(http, request, kind.send(self, request, stream=stream, **options), stream)
        _sending(call, request)
        try:
            response = _answer_of_another(http, request, call)
            if response is None:
                response = kind.send(self, request, stream=stream, **options)
            elif not stream:
                response.read()
        except BaseException as error:
            call.lost(error)
            raise
        _answered(http, call, response, stream)
        return response

    return send


def _async_send(kind: Any, http: Any) -> Any:
    async def send(self: Any, request: Any, *, stream: bool = False, **options: Any) -> Any:
        call = current_call.get()
        if call is None:
            return _heard(http, request, await kind.send(self, request, stream=stream, **options), stream)
        _sending(call, request)
        try:
            response = _answer_of_another(http, request, call)
            if response is None:
                response = await kind.send(self, request, stream=stream, **options)
            elif not stream:
                await response.aread()
        except BaseException as error:
            call.lost(error)
            raise
        _answered(http, call, response, stream)
        return response

    return send


def _sending(call: ModelCall, request: Any) -> None:
    try:
        call.attempts.append(Attempt())
        if not call.credential:
            call.credential = _credential(request.headers)
        call.request_body = _content(request) or form_told(request.stream)
    except Exception:
        pass


def _content(request: Any) -> bytes:
    """The exact bytes; of a body that is made while it is sent (an upload), none."""
    try:
        return cast(bytes, request.content)
    except Exception:
        return b""


def _credential(headers: Any) -> str:
    for name in ("authorization", "x-api-key", "api-key", "x-goog-api-key"):
        value = headers.get(name)
        if value:
            return str(value)
    return ""


def _answered(http: Any, call: ModelCall, response: Any, stream: bool) -> None:
    try:
        call.answered(response.status_code, response.headers.raw)
        if stream and not response.is_closed:
            events = response.headers.get("content-type", "").startswith("text/event-stream")
            tap = _tap_class(http)(call, response.stream, call.streaming(events=events))
            response.stream = tap
        else:
            call.whole(response.content)
    except Exception:
        pass


@lru_cache(maxsize=4)
def _tap_class(http: Any) -> Any:
    """A byte stream that lets its chunks through and keeps them; one class for both kinds, as httpx's own."""

    class Tap(http.SyncByteStream, http.AsyncByteStream):  # type: ignore[misc]
        __slots__ = ("_body", "_call", "_inner")

        def __init__(self, call: ModelCall, inner: Any, body: Body) -> None:
            self._call = call
            self._inner = inner
            self._body = body

        def __iter__(self) -> Iterator[bytes]:
            call, keep = self._call, self._body.append
            try:
                chunks = iter(self._inner)
                for chunk in chunks:
                    call.first_chunk()
                    keep(chunk)
                    yield chunk
                    break
                for chunk in chunks:
                    keep(chunk)
                    yield chunk
            except GeneratorExit:
                raise
            except BaseException as error:
                call.broke(error)
                raise
            call.done()

        async def __aiter__(self) -> AsyncIterator[bytes]:
            call, keep = self._call, self._body.append
            try:
                chunks = self._inner.__aiter__()
                async for chunk in chunks:
                    call.first_chunk()
                    keep(chunk)
                    yield chunk
                    break
                async for chunk in chunks:
                    keep(chunk)
                    yield chunk
            except GeneratorExit:
                raise
            except BaseException as error:
                call.broke(error)
                raise
            call.done()

        def close(self) -> None:
            try:
                self._inner.close()
            finally:
                self._call.closed()

        async def aclose(self) -> None:
            try:
                await self._inner.aclose()
            finally:
                self._call.closed()

    return Tap


def _heard(http: Any, request: Any, response: Any, stream: bool) -> Any:
    """An answer that tells of batches is heard as the program reads it."""
    ears = current_results.get()
    if ears is None or response.status_code != 200:
        return response
    try:
        ears.credential = _credential(request.headers)
        if stream and not response.is_closed:
            encoding = response.headers.get("content-encoding", "").encode()
            response.stream = _ears_class(http)(ears, response.stream, Decoder(encoding))
        else:
            ears.take(response.content)
            ears.end()
    except Exception:
        pass
    return response


@lru_cache(maxsize=4)
def _ears_class(http: Any) -> Any:
    class Heard(http.SyncByteStream, http.AsyncByteStream):  # type: ignore[misc]
        def __init__(self, ears: BatchResults | BatchEar, inner: Any, decoder: Decoder) -> None:
            self._ears = ears
            self._inner = inner
            self._decoder = decoder

        def _hear(self, chunk: bytes | None) -> None:
            try:
                if chunk is None:
                    self._ears.end()
                else:
                    self._ears.take(self._decoder.decode(chunk))
            except Exception:
                pass  # What cannot be read says nothing.

        def __iter__(self) -> Iterator[bytes]:
            for chunk in self._inner:
                self._hear(chunk)
                yield chunk
            self._hear(None)

        async def __aiter__(self) -> AsyncIterator[bytes]:
            async for chunk in self._inner:
                self._hear(chunk)
                yield chunk
            self._hear(None)

        def close(self) -> None:
            self._inner.close()

        async def aclose(self) -> None:
            await self._inner.aclose()

    return Heard


def _answer_of_another(http: Any, request: Any, call: ModelCall) -> Any:
    """A response in place of the world's; None where nobody stands in for it."""
    answers = current_answers()
    if answers is None:
        return None
    headers = {name.lower(): value for name, value in request.headers.items()}
    attempt = max(1, len(call.attempts))
    try:
        answer = answers.http(HttpQuestion(request.method, str(request.url), headers, _content(request), call, attempt))
    except HttpFailure as failure:
        raise _failure(http, failure, request) from failure
    if answer is None:
        return None
    broken = None if answer.broken is None else _failure(http, answer.broken, request)
    stream = _chunks_class(http)(answer.chunks, answer.delays, broken)
    return http.Response(answer.status, headers=dict(answer.headers), stream=stream, request=request)


def _failure(http: Any, failure: HttpFailure, request: Any) -> Any:
    """As the library would raise it."""
    kind: Any = getattr(http, failure.type, None)
    is_error = isinstance(kind, type) and issubclass(kind, http.RequestError)
    return (kind if is_error else http.ConnectError)(failure.message, request=request)


@lru_cache(maxsize=4)
def _chunks_class(http: Any) -> Any:
    class Chunks(http.SyncByteStream, http.AsyncByteStream):  # type: ignore[misc]
        def __init__(self, chunks: Sequence[bytes], delays: Sequence[float], broken: Any) -> None:
            self._chunks = chunks
            self._delays = delays
            self._broken = broken

        def _paced(self) -> Iterator[tuple[float, bytes]]:
            for number, chunk in enumerate(self._chunks):
                yield (self._delays[number] if number < len(self._delays) else 0), chunk

        def __iter__(self) -> Iterator[bytes]:
            for delay, chunk in self._paced():
                if delay > 0:
                    time.sleep(delay)
                yield chunk
            if self._broken is not None:
                raise self._broken

        async def __aiter__(self) -> AsyncIterator[bytes]:
            for delay, chunk in self._paced():
                if delay > 0:
                    # The library's own way to wait, whichever event loop runs it.
                    import anyio

                    await anyio.sleep(delay)
                yield chunk
            if self._broken is not None:
                raise self._broken

    return Chunks

"""`wrap_google_genai`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from copy import copy
from functools import lru_cache
from typing import Any, TypeVar, cast

from ..troubles import not_wrapped
from .gemini_apis import api_of
from .http_client import current_call, tapped
from .model_call import ModelCall
from .providers import Server, server_of

C = TypeVar("C")


def wrap_google_genai(client: C) -> C:
    """
    A copy of a `google.genai.Client` (of Gemini's developer API or of Vertex) whose every model call is a span:
    content, streamed or not, embeddings, images, chats, by `client.models` and by `client.aio`. The copy shares the
    connections of the client given, which stays as it is.

    The bodies are exact where the client asks by httpx. Where it asks by aiohttp (async, with aiohttp installed) or by
    Google's own session (Vertex with credentials), the answer is what the client gives out of it. Never raises: a
    client that cannot be copied is given back as it is, with a warning.
    """
    if getattr(client, "_spanhouse_origin", None) is not None:
        return client
    try:
        return cast(C, _face(client))
    except Exception as error:
        not_wrapped(error)
        return client


def _face(original: Any) -> Any:
    kind: Any = type(original)
    face = object.__new__(_face_of(kind))
    face.__dict__.update(original.__dict__)
    face._spanhouse_origin = original
    _use(face, original._api_client, _tapped_api(original._api_client))
    return face


@lru_cache(maxsize=8)
def _face_of(kind: Any) -> Any:
    """The client's class, except that the copy's end does not close what it shares."""
    names = {"__module__": kind.__module__, "__qualname__": kind.__qualname__, "__del__": lambda self: None}
    return type(kind.__name__, (kind,), names)


def _use(owner: Any, api: Any, instead: Any) -> None:
    """Puts the one API client in place of the other, in the owner and in the parts that it is made of."""
    for name, part in list(vars(owner).items()):
        if part is api:
            setattr(owner, name, instead)
        elif getattr(part, "_api_client", None) is api and name != "_spanhouse_origin":
            other = copy(part)
            _use(other, api, instead)
            setattr(owner, name, other)


def _tapped_api(api: Any) -> Any:
    own = copy(api)
    for name in ("_httpx_client", "_async_httpx_client"):
        if getattr(api, name, None) is not None:
            setattr(own, name, tapped(getattr(api, name)))
    # Methods of the copy, bound to it: each is called through its class.
    kind = type(api)

    def request(http_method: str, path: str, request_dict: Any, http_options: Any = None) -> Any:
        call = _starting(own, path, request_dict)
        if call is None:
            return kind.request(own, http_method, path, request_dict, http_options)
        token = current_call.set(call)
        try:
            response = kind.request(own, http_method, path, request_dict, http_options)
        except BaseException as error:
            call.failed(error)
            raise
        finally:
            current_call.reset(token)
        _returned(call, response)
        return response

    async def async_request(http_method: str, path: str, request_dict: Any, http_options: Any = None) -> Any:
        call = _starting(own, path, request_dict)
        if call is None:
            return await kind.async_request(own, http_method, path, request_dict, http_options)
        token = current_call.set(call)
        try:
            response = await kind.async_request(own, http_method, path, request_dict, http_options)
        except BaseException as error:
            call.failed(error)
            raise
        finally:
            current_call.reset(token)
        _returned(call, response)
        return response

    def request_streamed(http_method: str, path: str, request_dict: Any, http_options: Any = None) -> Iterator[Any]:
        chunks = kind.request_streamed(own, http_method, path, request_dict, http_options)
        call = _starting(own, path, request_dict)
        return chunks if call is None else _chunks(call, chunks)

    async def async_request_streamed(
        http_method: str, path: str, request_dict: Any, http_options: Any = None
    ) -> AsyncIterator[Any]:
        call = _starting(own, path, request_dict)
        if call is None:
            return cast(
                AsyncIterator[Any],
                await kind.async_request_streamed(own, http_method, path, request_dict, http_options),
            )
        token = current_call.set(call)
        try:
            chunks = await kind.async_request_streamed(own, http_method, path, request_dict, http_options)
        except BaseException as error:
            call.failed(error)
            raise
        finally:
            current_call.reset(token)
        return _async_chunks(call, chunks)

    own.request, own.request_streamed = request, request_streamed
    own.async_request, own.async_request_streamed = async_request, async_request_streamed
    return own


def _starting(api: Any, path: str, request: Any) -> ModelCall | None:
    try:
        found = api_of(path)
        if found is None:
            return None
        operation, model = found
        server = server_of(str(api._http_options.base_url), "gcp.vertex_ai" if api.vertexai else "gcp.gemini")
        if api.vertexai:
            server = Server("gcp.vertex_ai", {**server.attributes, "gen_ai.provider.name": "gcp.vertex_ai"})
        body = request if isinstance(request, dict) else {}
        return ModelCall(operation, server, {**body, "model": model})
    except Exception:
        return None


def _returned(call: ModelCall, response: Any) -> None:
    try:
        if not call.attempts:
            call.unseen(str(response.body or "").encode(), response.headers)
        call.done()
    except Exception:
        pass


def _chunks(call: ModelCall, chunks: Iterator[Any]) -> Iterator[Any]:
    """The generator that the client makes of the stream; the request is sent when the first chunk is asked for."""
    token = current_call.set(call)
    try:
        first = next(chunks, None)
    except BaseException as error:
        call.failed(error)
        raise
    finally:
        current_call.reset(token)
    try:
        if first is not None:
            _seen(call, first)
            yield first
        for chunk in chunks:
            _seen(call, chunk)
            yield chunk
        call.done()
    except GeneratorExit:
        raise
    except BaseException as error:
        call.broke(error)
        raise
    finally:
        call.closed()


async def _async_chunks(call: ModelCall, chunks: AsyncIterator[Any]) -> AsyncIterator[Any]:
    try:
        async for chunk in chunks:
            _seen(call, chunk)
            yield chunk
        call.done()
    except GeneratorExit:
        raise
    except BaseException as error:
        call.broke(error)
        raise
    finally:
        call.closed()


def _seen(call: ModelCall, chunk: Any) -> None:
    """Where the wire is not ours to see, the chunk stands for what came over it."""
    if call.attempts and not call.is_reconstructed:
        return
    try:
        call.reconstructed(b"data: " + str(chunk.body).encode() + b"\n\n", chunk.headers)
    except Exception:
        pass

"""
The clients that Stainless generates, OpenAI's and Anthropic's: one method makes every call, whichever helper asked.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar, cast

from ..troubles import not_wrapped
from .api import Api
from .batch_results import BatchApi, BatchEar, BatchResults, current_results, listener
from .http_client import current_call, tapped
from .model_call import ModelCall
from .providers import Server, server_of

C = TypeVar("C")


class Family(NamedTuple):
    """What sets one provider's clients apart."""

    provider: str
    """Of an address that says nothing of who answers there."""
    api_of: Callable[[str, str], Api | None]
    """By method and path."""
    batches: BatchApi
    providers: Mapping[str, str]
    """By words in the name of the client's class, such as `Azure`."""
    copying: Mapping[str, Any]
    """What the client is copied with."""
    prepare: Callable[[Any], None]
    """Does to each copy what it needs beyond."""


def wrap(client: C, family: Family) -> C:
    """
    A copy of the client whose calls are seen. The client given is left as it is; one that is wrapped is given back, and
    so is one that cannot be, with a warning.
    """
    if "_spanhouse_wrapped" in getattr(client, "__dict__", {}):
        return client
    try:
        return cast(C, _wrap_in_place(_copy_of(client, family), family))
    except Exception as error:
        not_wrapped(error)
        return client


def _copy_of(client: Any, family: Family) -> Any:
    try:
        return client.copy(**family.copying)
    except TypeError:
        return client.copy()


def _wrap_in_place(client: Any, family: Family) -> Any:
    kind = type(client)
    import inspect

    client._client = tapped(client._client)
    client._spanhouse_wrapped = True
    request = client.request  # What a subclass or another tool made of it is called through.
    provider = next((name for word, name in family.providers.items() if word in kind.__name__), None)

    known: list[Any] = [None, None]

    def server() -> Server:
        # The address may be changed at any time; saying it as a text costs more than all the rest.
        if known[0] is not client._base_url:
            known[:] = client._base_url, _server(client, family, provider)
        found: Server = known[1]
        return found

    def starting(options: Any) -> ModelCall | None:
        try:
            api = family.api_of(options.method, options.url)
            if api is None:
                return None
            return ModelCall(api, server(), _parameters(options))
        except Exception:
            return None

    def hearing(options: Any) -> BatchResults | BatchEar | None:
        try:
            return listener(family.batches, options.method, options.url, server())
        except Exception:
            return None

    if inspect.iscoroutinefunction(request):

        async def asking(cast_to: Any, options: Any, **kwargs: Any) -> Any:
            call = starting(options)
            if call is None:
                ears = current_results.set(hearing(options))
                try:
                    return await request(cast_to, options, **kwargs)
                finally:
                    current_results.reset(ears)
            token = current_call.set(call)
            try:
                result = await request(cast_to, options, **kwargs)
            except BaseException as error:
                call.failed(error)
                raise
            finally:
                current_call.reset(token)
            return _returned(call, result)

        client.request = asking
    else:

        def asking_sync(cast_to: Any, options: Any, *args: Any, **kwargs: Any) -> Any:
            call = starting(options)
            if call is None:
                ears = current_results.set(hearing(options))
                try:
                    return request(cast_to, options, *args, **kwargs)
                finally:
                    current_results.reset(ears)
            token = current_call.set(call)
            try:
                result = request(cast_to, options, *args, **kwargs)
            except BaseException as error:
                call.failed(error)
                raise
            finally:
                current_call.reset(token)
            return _returned(call, result)

        client.request = asking_sync

    def copy(**options: Any) -> Any:
        return _wrap_in_place(kind.copy(client, **options), family)

    client.copy = client.with_options = copy
    try:
        family.prepare(client)
    except Exception:
        pass  # A version of the client without these parts.
    return client


def _parameters(options: Any) -> Mapping[str, Any]:
    """What the body will say, before it is written down; `extra_body` is merged into it later."""
    body, extra = options.json_data, getattr(options, "extra_json", None)
    if not isinstance(body, Mapping):
        body = {}
    return {**body, **extra} if isinstance(extra, Mapping) else body


def _server(client: Any, family: Family, provider: str | None) -> Server:
    server = server_of(str(client._base_url), family.provider)
    if provider is None or server.provider != family.provider:
        return server
    return Server(provider, {**server.attributes, "gen_ai.provider.name": provider})


def _returned(call: ModelCall, result: Any) -> Any:
    try:
        if not call.is_streaming:
            call.done()
        elif hasattr(result, "_iterator"):
            inner = result._iterator
            result._iterator = _WatchedAsync(inner, call) if hasattr(inner, "__anext__") else _Watched(inner, call)
    except Exception:
        pass
    return result


class _Watched:
    """A stream's iterator that notices when a loop over it is left, which the client itself does not."""

    __slots__ = ("_call", "_inner")

    def __init__(self, inner: Iterator[Any], call: ModelCall) -> None:
        self._inner = inner
        self._call = call

    def __iter__(self) -> Iterator[Any]:
        try:
            # No `yield from`: leaving the loop must not close the stream, which may be read on.
            for item in self._inner:  # noqa: UP028
                yield item
        finally:
            self._call.stepped_out()

    def __next__(self) -> Any:
        return next(self._inner)

    def __del__(self) -> None:
        _forgotten(self._call)


class _WatchedAsync:
    """The same for an async stream."""

    __slots__ = ("_call", "_inner")

    def __init__(self, inner: AsyncIterator[Any], call: ModelCall) -> None:
        self._inner = inner
        self._call = call

    def __aiter__(self) -> AsyncIterator[Any]:
        return _Loop(self._inner, self._call)

    def __anext__(self) -> Any:
        return self._inner.__anext__()

    def aclose(self) -> Any:
        return self._inner.aclose()  # type: ignore[attr-defined]

    def __del__(self) -> None:
        _forgotten(self._call)


class _Loop:
    """One loop over an async stream. Its end is its finaliser: an async generator would cost each chunk more."""

    __slots__ = ("_call", "_inner")

    def __init__(self, inner: AsyncIterator[Any], call: ModelCall) -> None:
        self._inner = inner
        self._call = call

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    def __anext__(self) -> Any:
        return self._inner.__anext__()

    def __del__(self) -> None:
        _forgotten(self._call)


def _forgotten(call: ModelCall) -> None:
    """Nobody holds the stream, or a loop over it, any longer."""
    try:
        call.stepped_out()
    except Exception:
        pass

"""`wrap_bedrock`."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from typing import Any, TypeVar, cast

from ..answers import HttpAnswer, HttpQuestion, current_answers
from ..troubles import not_wrapped
from .bedrock_apis import api_of
from .http_client import current_call
from .model_call import Attempt, ModelCall
from .providers import server_of

C = TypeVar("C")


def wrap_bedrock(client: C) -> C:
    """
    A copy of a `bedrock-runtime` client of boto3 whose `converse`, `converse_stream`, `invoke_model` and
    `invoke_model_with_response_stream` are spans. The copy shares the connections of the client given, which stays as
    it is. The request is exact; of a stream, which comes in Amazon's binary frames, each event's JSON is exact. Never
    raises: a client that cannot be copied is given back as it is, with a warning.
    """
    if "_spanhouse_wrapped" in getattr(client, "__dict__", {}):
        return client
    try:
        return cast(C, _wrapped(client))
    except Exception as error:
        not_wrapped(error)
        return client


def _wrapped(client: Any) -> Any:
    own: Any = _copy(client)
    own._spanhouse_wrapped = True
    own._endpoint = _tapped_endpoint(own._endpoint)
    make = type(own)._make_api_call

    def make_api_call(operation_name: str, api_params: Any) -> Any:
        call = _starting(own, operation_name, api_params)
        if call is None:
            return make(own, operation_name, api_params)
        token = current_call.set(call)
        try:
            result = make(own, operation_name, api_params)
        except BaseException as error:
            call.failed(error)
            raise
        finally:
            current_call.reset(token)
        return _returned(call, result)

    own._make_api_call = make_api_call
    return own


def _copy(thing: Any) -> Any:
    """`copy.copy` asks the client for attributes before it has any, which the client answers by asking itself."""
    own = object.__new__(type(thing))
    own.__dict__.update(thing.__dict__)
    return own


def _starting(client: Any, operation_name: str, params: Any) -> ModelCall | None:
    try:
        model = str(params.get("modelId", ""))
        api = api_of(operation_name, model)
        server = server_of(str(client.meta.endpoint_url), "aws.bedrock")
        return None if api is None else ModelCall(api, server, {**params, "model": model})
    except Exception:
        return None


def _tapped_endpoint(endpoint: Any) -> Any:
    """Sees each request as it is sent, retries too, and the beginning of its response."""
    own = _copy(endpoint)
    send = type(endpoint)._send

    def tapped_send(request: Any) -> Any:
        call = current_call.get()
        if call is None:
            return send(own, request)
        _sending(call, request)
        try:
            response = _answer_of_another(request, call) or send(own, request)
        except BaseException as error:
            call.lost(error)
            raise
        try:
            call.answered(response.status_code, [(_bytes(n), _bytes(v)) for n, v in response.headers.items()])
            if response.status_code >= 300 or request.url.endswith("/converse"):
                call.whole(response.content)
        except Exception:
            pass
        return response

    own._send = tapped_send
    return own


def _sending(call: ModelCall, request: Any) -> None:
    try:
        call.attempts.append(Attempt())
        call.request_body = _bytes(request.body or b"")
        authorization = _bytes(request.headers.get("Authorization") or b"").decode("latin-1")
        call.credential = authorization.partition("Credential=")[2].partition("/")[0]
    except Exception:
        pass


def _answer_of_another(request: Any, call: ModelCall) -> Any:
    answers = current_answers()
    if answers is None:
        return None
    headers = {str(name).lower(): _bytes(value).decode("latin-1") for name, value in request.headers.items()}
    body, attempt = _bytes(request.body or b""), max(1, len(call.attempts))
    answer = answers.http(HttpQuestion(request.method, request.url, headers, body, call, attempt))
    if answer is None:
        return None
    from botocore.awsrequest import AWSResponse  # type: ignore[import-untyped]
    from urllib3 import HTTPResponse

    raw = HTTPResponse(
        body=_pieces(answer)(), headers=dict(answer.headers), status=answer.status, preload_content=False
    )
    return AWSResponse(request.url, answer.status, dict(answer.headers), raw)


def _pieces(answer: HttpAnswer) -> Any:
    """A body that comes as it came, and breaks off where it did."""
    from io import RawIOBase
    from time import sleep

    from urllib3.exceptions import ProtocolError

    class Pieces(RawIOBase):
        def __init__(self) -> None:
            self._left = list(zip(answer.chunks, answer.delays or [0.0] * len(answer.chunks), strict=False))
            self._piece = b""

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            while not self._piece:
                if not self._left:
                    if answer.broken is not None:
                        raise ProtocolError(answer.broken.message)
                    return 0
                self._piece, delay = self._left.pop(0)
                if delay > 0:
                    sleep(delay)
            count = min(len(buffer), len(self._piece))
            buffer[:count] = self._piece[:count]
            self._piece = self._piece[count:]
            return count

    return Pieces


def _returned(call: ModelCall, result: Any) -> Any:
    try:
        stream = result.get("stream") or result.get("body")
        if hasattr(stream, "_event_generator"):
            body = call.streaming(events=True)
            stream._event_generator = _events(call, stream._event_generator, body.append)
            _close_with(call, stream)
            return result
        if hasattr(stream, "iter_chunks"):
            # The whole answer has been made when an unstreamed one begins: reading it here takes nobody longer.
            content = stream.read()
            stream.close()
            call.whole(content)
            result["body"] = _read_body(type(stream), content)
        call.done()
    except Exception:
        call.done()
    return result


def _read_body(kind: Any, content: bytes) -> Any:
    from io import BytesIO

    return kind(BytesIO(content), len(content))


def _events(call: ModelCall, events: Iterator[Any], keep: Any) -> Iterator[Any]:
    """The raw events, each kept as a server-sent event of its type and JSON."""
    try:
        for number, event in enumerate(events):
            if number == 0:
                call.first_chunk()
            keep(_as_text(event))
            yield event
        call.done()
    except GeneratorExit:
        raise
    except BaseException as error:
        call.broke(error)
        raise
    finally:
        call.closed()


def _as_text(event: Any) -> bytes:
    try:
        kind = str(event.headers.get(":event-type") or event.headers.get(":exception-type") or "event")
        payload: bytes = event.payload
        if kind == "chunk":
            # An invoked model's own event, in base64 within the frame's JSON.
            payload = b64decode(json.loads(payload)["bytes"])
        return b"event: " + kind.encode() + b"\ndata: " + payload + b"\n\n"
    except Exception:
        return b""


def _close_with(call: ModelCall, stream: Any) -> None:
    close = stream.close

    def closing() -> None:
        close()
        call.closed()

    stream.close = closing


def _bytes(value: Any) -> bytes:
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    return value.encode("utf-8", "replace") if isinstance(value, str) else b""

"""OTLP over HTTP: protobuf, gzip, one connection that is kept."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from . import otlp
from .transport import Accepted, Batch, Later, Outcome, Refused, TooLarge
from .version import __version__

if TYPE_CHECKING:
    from http.client import HTTPConnection, HTTPResponse

_retryable = frozenset((408, 429, 500, 502, 503, 504))


class HttpTransport:
    """`POST {url}/v1/traces` with `Authorization: Bearer {api_key}`."""

    def __init__(self, url: str, api_key: str) -> None:
        self._url = urlsplit(url)
        self._path = f"{self._url.path.rstrip('/')}/v1/traces"
        self._headers = {
            "Content-Type": "application/x-protobuf",
            "User-Agent": f"spanhouse-python/{__version__}",
        }
        if api_key:
            self._headers["Authorization"] = f"Bearer {api_key}"
        # To this machine a smaller body gains nothing.
        self._compresses = not _is_loopback(self._url.hostname or "")
        if self._compresses:
            self._headers["Content-Encoding"] = "gzip"
        self._connection: HTTPConnection | None = None
        self._unsent: tuple[object, bytes] | None = None
        """The spans that could not be sent, and their body: they come again, and to compress them takes long."""

    def send(self, batch: Batch, timeout: float) -> Outcome:
        body = self._body_of(batch)
        self._unsent = (batch.spans, body)
        kept = self._connection is not None
        outcome = self._post(body, timeout)
        # A kept connection may have been closed by the other side while it lay idle: that is no failure yet.
        if kept and isinstance(outcome, Later) and self._connection is None and outcome.after is None:
            outcome = self._post(body, timeout)
        if not isinstance(outcome, Later):
            self._unsent = None
        return outcome

    def _body_of(self, batch: Batch) -> bytes:
        if self._unsent is not None and self._unsent[0] is batch.spans:
            return self._unsent[1]
        body = otlp.request(batch.resource, batch.scope, [span.message for span in batch.spans])
        if self._compresses:
            import gzip

            body = gzip.compress(body, compresslevel=1, mtime=0)
        return body

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.close()

    def _post(self, body: bytes, timeout: float) -> Outcome:
        try:
            connection = self._connected(timeout)
            connection.request("POST", self._path, body, self._headers)
            response = connection.getresponse()
            content = response.read()
        except Exception as error:
            self.close()
            return Later(f"{type(error).__name__}: {error}")
        if response.will_close:
            self.close()
        return _outcome_of(response, content)

    def _connected(self, timeout: float) -> HTTPConnection:
        connection = self._connection
        if connection is None:
            from http.client import HTTPConnection, HTTPSConnection

            make = HTTPSConnection if self._url.scheme == "https" else HTTPConnection
            connection = self._connection = make(self._url.hostname or "127.0.0.1", self._url.port, timeout=timeout)
        connection.timeout = timeout
        if connection.sock is not None:
            connection.sock.settimeout(timeout)
        return connection


def _outcome_of(response: HTTPResponse, content: bytes) -> Outcome:
    status = response.status
    if 200 <= status < 300:
        return Accepted(otlp.rejected_spans(content))
    reason = f"HTTP {status}"
    if status == 413:
        return TooLarge(reason)
    if status in _retryable:
        return Later(reason, _seconds(response.getheader("Retry-After")))
    return Refused(reason)


def _seconds(retry_after: str | None) -> float | None:
    """Of a `Retry-After` header: a number of seconds or an HTTP date."""
    if not retry_after:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        from email.utils import parsedate_to_datetime
        from time import time

        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time())
    except (TypeError, ValueError):
        return None


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")

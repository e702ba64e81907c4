"""The way to a replay's server: sdk/conformance/REPLAY.md says what is spoken on it."""

from __future__ import annotations

import json
import os
import threading
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

_timeout = 300.0


class Channel:
    """Asks and waits; a connection for each thread and process. Raises `ConnectionError` where nobody answers."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._address = address
        self._host = parts.hostname or "127.0.0.1"
        self._port = parts.port
        self._path = parts.path.rstrip("/")
        self._own = threading.local()

    def ask(self, question: dict[str, object]) -> dict[str, Any]:
        return self.post("/ask", question)

    def post(self, path: str, value: object) -> dict[str, Any]:
        return self._request("POST", path, json.dumps(value).encode())

    def _request(self, method: str, path: str, body: bytes) -> dict[str, Any]:
        try:
            connection = self._connection()
            connection.request(method, self._path + path, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            content = response.read()
        except Exception as error:
            self._own.connection = None
            raise ConnectionError(f"the replay at {self._address} does not answer: {error}") from error
        if response.status != 200:
            text = content.decode("utf-8", "replace")
            raise ConnectionError(f"the replay at {self._address} answered {response.status}: {text}")
        answer: dict[str, Any] = json.loads(content)
        return answer

    def _connection(self) -> HTTPConnection:
        connection: HTTPConnection | None = getattr(self._own, "connection", None)
        if connection is None or self._own.process != os.getpid():
            connection = self._own.connection = HTTPConnection(self._host, self._port, timeout=_timeout)
            self._own.process = os.getpid()
        return connection

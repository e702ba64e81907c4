"""A gateway as it should not be: a local HTTP server that answers as a test says."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from collector import Collected, spans_of


class Backend:
    """Takes all spans, unless `answers` holds others: a status with headers, or something done to the handler."""

    def __init__(self) -> None:
        self.spans: list[Collected] = []
        self.requests: list[dict[str, str]] = []
        self.answers: list[tuple[int, dict[str, str]] | Callable[[BaseHTTPRequestHandler], None]] = []
        self.largest = 1 << 40
        backend = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                backend.requests.append({name.lower(): value for name, value in self.headers.items()})
                answer = backend.answers.pop(0) if backend.answers else (200, {})
                if callable(answer):
                    answer(self)
                    return
                status, headers = answer
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                if status == 200 and len(body) > backend.largest:
                    status = 413
                if status == 200:
                    backend.spans += spans_of(body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def names(self) -> list[str]:
        """Of ended spans, control spans left out."""
        return [span.name for span in self.spans if not span.is_open and not span.name.startswith("spanhouse.")]

    @contextmanager
    def running(self) -> Iterator[Backend]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


def hangs_up(handler: BaseHTTPRequestHandler) -> None:
    """Breaks the connection without an answer."""
    handler.close_connection = True
    handler.connection.close()

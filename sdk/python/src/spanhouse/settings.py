"""What `init` and the environment say. Nothing else in this package reads the environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from .transport import Transport

Content = Literal["full", "hashed", "none"]
Redact = Callable[[str], str | None]
"""Takes a text before it leaves; gives what may leave, or None for nothing of it."""

_content_modes = ("full", "hashed", "none")


class Settings:
    """How spans are made and delivered. Immutable in use; `init` replaces the whole."""

    __slots__ = (
        "api_key",
        "content",
        "environment",
        "exit_timeout",
        "max_payload_bytes",
        "max_queue_bytes",
        "max_queue_spans",
        "redact",
        "release",
        "replay",
        "sample_payloads",
        "service_name",
        "transport",
        "url",
    )

    def __init__(
        self,
        *,
        url: str | None = None,
        api_key: str | None = None,
        service_name: str | None = None,
        environment: str | None = None,
        release: str | None = None,
        content: Content = "full",
        redact: Redact | None = None,
        sample_payloads: float = 1.0,
        max_payload_bytes: int = 1024 * 1024,
        max_queue_bytes: int = 32 * 1024 * 1024,
        max_queue_spans: int = 100_000,
        exit_timeout: float = 2.0,
        transport: Transport | None = None,
        replay: str | None = None,
    ) -> None:
        if content not in _content_modes:
            raise ValueError(f'content is "{content}", expected one of {", ".join(_content_modes)}')
        if not 0 <= sample_payloads <= 1:
            raise ValueError(f"sample_payloads is {sample_payloads}, expected a share from 0 to 1")
        env = os.environ.get
        self.url = (url or env("SPANHOUSE_URL") or "http://127.0.0.1:4318").rstrip("/")
        self.api_key = api_key or env("SPANHOUSE_API_KEY") or ""
        self.service_name = service_name or env("OTEL_SERVICE_NAME") or _program_name()
        self.environment = environment or env("SPANHOUSE_ENVIRONMENT")
        self.release = release or env("SPANHOUSE_RELEASE")
        self.content: Content = content
        self.redact = redact
        self.sample_payloads = sample_payloads
        self.max_payload_bytes = max_payload_bytes
        self.max_queue_bytes = max_queue_bytes
        self.max_queue_spans = max_queue_spans
        self.exit_timeout = exit_timeout
        self.transport = transport
        self.replay = replay or env("SPANHOUSE_REPLAY")
        if self.replay:
            # A replay compares texts, and takes them itself.
            self.url, self.api_key, self.transport = self.replay.rstrip("/"), "", None
            self.content, self.sample_payloads, self.max_payload_bytes = "full", 1.0, 8 * 1024 * 1024


def _program_name() -> str:
    """`app` of `python app.py`, the module of `python -m module`, else `python`."""
    program = sys.argv[0] if sys.argv else ""
    main = sys.modules.get("__main__")
    spec = getattr(main, "__spec__", None)
    if spec is not None and spec.name:
        name: str = spec.name
        return name.removesuffix(".__main__")
    name = os.path.basename(program).removesuffix(".py")
    return name if name and not name.startswith("-") else "python"

"""A form as a text: its fields, a file in it by name, size and type. How it is laid out in bytes only httpx knows."""

from __future__ import annotations

import json
from typing import Any


def form_told(stream: Any) -> bytes:
    """Of httpx's or httpx2's multipart stream; of any other, nothing. Reads no file."""
    fields = getattr(stream, "fields", None)
    if not isinstance(fields, list):
        return b""
    return json.dumps({field.name: _told(field) for field in fields}, ensure_ascii=False).encode()


def _told(field: Any) -> Any:
    if not hasattr(field, "filename"):
        value = field.value
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    length = field.get_length()
    size = None if length is None else length - len(field.render_headers())
    types = (value for name, value in field.headers.items() if name.lower() == "content-type")
    return {"name": field.filename, "bytes": size, "media_type": next(types, "")}

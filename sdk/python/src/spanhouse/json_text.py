"""Any value as JSON text: what JSON cannot say is said as well as can be, and nothing raises."""

from __future__ import annotations

import json
from typing import Any

_too_deep = 32


def json_text(value: object) -> str:
    """Compact JSON. Functions become `[Function]`, cycles `[Circular]`, bytes their length, others their `repr`."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except Exception:
        pass
    try:
        return json.dumps(_plain(value, ()), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except Exception:
        return '"[Unserialisable]"'


def text_or_json(value: object) -> str:
    """A string as it is, anything else as JSON."""
    return value if isinstance(value, str) else json_text(value)


def _plain(value: Any, above: tuple[int, ...]) -> Any:
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"[{len(value)} bytes]"
    if id(value) in above:
        return "[Circular]"
    if len(above) >= _too_deep:
        return "[Too deep]"
    below = (*above, id(value))
    if isinstance(value, dict):
        return {str(key): _plain(item, below) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item, below) for item in value]
    try:
        return _of_object(value, below)
    except Exception:
        return f"[{type(value).__name__}]"


def _of_object(value: Any, below: tuple[int, ...]) -> Any:
    """pydantic's models and dataclasses by their fields, functions as such, anything else by its `repr`."""
    dump = getattr(type(value), "model_dump", None)
    if dump is not None:
        return _plain(dump(value, mode="json"), below)
    fields = getattr(type(value), "__dataclass_fields__", None)
    if fields is not None:
        return {name: _plain(getattr(value, name, None), below) for name in fields}
    if callable(value):
        return "[Function]"
    return repr(value)

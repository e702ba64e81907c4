"""Compares spans with those that a conformance case expects; `sdk/conformance/cases/README.md` says how."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from hashlib import sha256
from typing import Any

from collector import Collected

_client_errors = {"Error": "Exception"}


def check_spans(
    spans: list[Collected], expected: list[dict[str, Any]], recorded: list[dict[str, Any]], url: str
) -> None:
    """Raises AssertionError that says which span and attribute is not as expected."""
    matcher = _Matcher(recorded, int(url.rsplit(":", 1)[1]))
    sequences = sorted(
        span.attributes["spanhouse.sequence"] for span in spans if "spanhouse.sequence" in span.attributes
    )
    assert sequences == list(range(1, len(sequences) + 1))
    ids = {span.span_id for span in spans}
    control = [span for span in spans if span.name.startswith("spanhouse.")]
    ordinary = [span for span in spans if span not in control]
    roots = [span for span in ordinary if span.parent_span_id not in ids]
    children: dict[str, list[Collected]] = {}
    for span in ordinary:
        children.setdefault(span.parent_span_id, []).append(span)
    _check_list("the roots", roots, [one for one in expected if not one.get("control")], children, matcher)
    _check_list("the control spans", control, [one for one in expected if one.get("control")], {}, matcher)


def _check_list(
    where: str,
    spans: list[Collected],
    expected: list[dict[str, Any]],
    children: dict[str, list[Collected]],
    matcher: _Matcher,
) -> None:
    left = list(spans)
    for one in expected:
        faults = [_fault(span, one, children, matcher) for span in left]
        if "" not in faults:
            told = "\n".join(f"  {span.name}: {fault}" for span, fault in zip(left, faults, strict=True))
            raise AssertionError(f"{where}: no span is {one['name']} as expected, of\n{told}")
        left.pop(faults.index(""))
    assert not left, f"{where}: not expected: {[span.name for span in left]}"


def _fault(span: Collected, expected: dict[str, Any], children: dict[str, list[Collected]], matcher: _Matcher) -> str:
    """Empty where the span is as expected."""
    if (span.name, span.kind) != (expected["name"], expected["kind"]):
        return f"is {span.kind}, expected {expected['kind']} {expected['name']}"
    error = _client_errors.get(expected.get("error", ""), expected.get("error"))
    fault = _error_fault(span, error)
    if fault:
        return fault
    wanted: dict[str, Any] = dict(expected["attributes"])
    if error:
        wanted["error.type"] = error
    rate_limits = any("ratelimit" in name for name in wanted)
    for name, value in span.attributes.items():
        if name == "spanhouse.sequence" or (
            name.startswith("http.response.header.") and "ratelimit" in name and not rate_limits
        ):
            continue
        if name not in wanted:
            return f"has {name} = {value!r}, which is not expected"
        if not matcher.matches(value, wanted[name]):
            return f"{name} is {value!r}, expected {wanted[name]!r}"
    missing = wanted.keys() - span.attributes.keys()
    if missing:
        return f"lacks {sorted(missing)}"
    try:
        _check_list(
            f"below {span.name}", children.get(span.span_id, []), expected.get("children", []), children, matcher
        )
    except AssertionError as error:
        return str(error)
    return ""


def _error_fault(span: Collected, error: str | None) -> str:
    if error is None:
        return "" if span.status == 0 and not span.events else f"has failed: {span.message}"
    if span.status != 2 or not span.message:
        return f"has status {span.status}, expected {error}"
    if len(span.events) != 1 or span.events[0][0] != "exception":
        return f"has events {span.events}"
    facts = span.events[0][1]
    if facts.get("exception.type") != error:
        return f"failed with {facts.get('exception.type')}, expected {error}"
    return "" if facts.get("exception.message") and facts.get("exception.stacktrace") else f"lacks a stack: {facts}"


_long_base64 = re.compile(r"[A-Za-z0-9+/_-]{4094,}={0,2}")
"""As `SPANS.md` says what is taken out."""


def _medium(found: re.Match[str]) -> str:
    return f"spanhouse:media:{sha256(b64decode(found[0])).hexdigest()}"


class _Matcher:
    def __init__(self, recorded: list[dict[str, Any]], port: int) -> None:
        self._recorded = recorded
        self._port = port

    def matches(self, value: Any, wanted: Any) -> bool:
        if not isinstance(wanted, dict):
            if isinstance(wanted, bool) or isinstance(value, bool):
                return value is wanted
            return bool(value == wanted) and (not isinstance(wanted, int) or isinstance(value, int))
        ((kind, argument),) = wanted.items()
        if kind == "$any":
            return {
                "string": isinstance(value, str) and value != "",
                "number": isinstance(value, (int, float)) and value >= 0,
                "header": isinstance(value, list) and len(value) == 1 and isinstance(value[0], str),
            }[argument]
        if kind == "$recorded":
            return bool(value == self._field(argument))
        if kind == "$header":
            return bool(value == [self._field(argument)])
        if kind == "$begins":
            return isinstance(value, str) and value != "" and self._field(argument).startswith(value)
        if kind == "$json":
            return bool(json.loads(value) == argument)
        if kind == "$without_media":
            return bool(value == _long_base64.sub(_medium, self._field(argument)))
        if kind == "$port":
            return bool(value == self._port)
        if kind == "$sha256":
            return bool(value == sha256(self._field(argument).encode()).hexdigest())
        raise AssertionError(f"{kind} is no matcher")

    def _field(self, argument: list[Any]) -> Any:
        number, path = argument
        value: Any = self._recorded[number - 1]
        for part in path.split("."):
            value = value[part]
        return value

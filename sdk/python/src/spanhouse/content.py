"""What of the texts leaves the process: all, redacted, hashed or nothing; spans and their numbers always do."""

from __future__ import annotations

from collections.abc import Callable

from .json_text import json_text
from .media import take_media
from .otlp import AttributeValue, text
from .settings import Content, Redact

_bodies = ("spanhouse.request", "spanhouse.response")
_refusal = "spanhouse.refusal"
_texts = (
    "spanhouse.input",
    "spanhouse.output",
    "gen_ai.tool.call.arguments",
    "gen_ai.tool.call.result",
    "gen_ai.retrieval.query.text",
    "gen_ai.retrieval.documents",
    _refusal,
)


class ContentPolicy:
    """
    Settles the texts of one span after the other. It runs on the exporting thread: `redact` never holds up a call.

    Of a trace that `sample` passes over, and with `content="none"`, no text leaves. With `"hashed"` a body leaves as
    its SHA-256 and no other text does. That a provider refused is a fact and stays; its words are a text.
    """

    def __init__(
        self,
        *,
        content: Content,
        redact: Redact | None,
        sample: float,
        max_payload_bytes: int,
        warn: Callable[[str], None],
    ) -> None:
        self._content = content
        self._redact = redact
        self._sample = sample
        self._max_bytes = max_payload_bytes
        self._warn = warn

    def apply(self, trace_id: bytes, attributes: dict[str, AttributeValue]) -> None:
        sampled = self._samples(trace_id)
        if self._content != "full" or not sampled:
            self._withhold(attributes, hashed=self._content == "hashed" and sampled)
            return
        media: list[dict[str, object]] = []
        for name in _bodies:
            body = attributes.get(name)
            if isinstance(body, bytes):
                body, found = take_media(body)
                media += found
                self._put(name, body, attributes, is_body=True)
        if media:
            attributes["spanhouse.media"] = json_text(media)
        for name in _texts:
            value = attributes.get(name)
            if isinstance(value, str):
                self._put(name, value, attributes, is_body=False)

    def _samples(self, trace_id: bytes) -> bool:
        """By the trace's id: the same in every process that the trace runs through."""
        return self._sample >= 1 or int.from_bytes(trace_id[-4:], "big") < self._sample * (1 << 32)

    def _put(self, name: str, value: str | bytes, attributes: dict[str, AttributeValue], *, is_body: bool) -> None:
        told = value if self._redact is None else self._redacted(value)
        if told is None:
            del attributes[name]
            if name == _refusal:
                attributes[name] = ""
        else:
            attributes[name] = told
            if len(told) * 4 > self._max_bytes:
                self._cut(name, told, attributes, is_body)
        if is_body and told is not value:
            attributes["spanhouse.redacted"] = True

    def _redacted(self, value: str | bytes) -> str | bytes | None:
        """None of a text that must not leave; the same object where nothing was changed."""
        assert self._redact is not None
        before = value if isinstance(value, str) else value.decode("utf-8", "replace")
        try:
            after = self._redact(before)
        except Exception:
            self._warn("redact raised an exception: the text is left out")
            return None
        if after == before:
            return value
        return after if isinstance(after, str) else None

    def _cut(self, name: str, told: str | bytes, attributes: dict[str, AttributeValue], is_body: bool) -> None:
        raw = told if isinstance(told, bytes) else text(told)
        if len(raw) <= self._max_bytes:
            return
        # Without the beginning of a character that was cut at the end.
        attributes[name] = raw[: self._max_bytes].decode("utf-8", "ignore")
        if is_body:
            attributes[f"{name}.truncated"] = True

    def _withhold(self, attributes: dict[str, AttributeValue], *, hashed: bool) -> None:
        for name in _bodies:
            body = attributes.pop(name, None)
            attributes.pop(f"{name}.truncated", None)
            if hashed and isinstance(body, bytes):
                from hashlib import sha256

                attributes[f"{name}.sha256"] = sha256(body).hexdigest()
                attributes["spanhouse.redacted"] = True
        for name in _texts:
            if attributes.pop(name, None) is not None and name == _refusal:
                attributes[name] = ""

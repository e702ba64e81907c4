"""Base64 media in bodies: a hash and the beginning of each, in place of megabytes."""

from __future__ import annotations

import re

_least_digits = 4096
"""Base64 text from this length on is taken out of a body."""
_head_digits = 256
"""Of the text that was taken out so much stays, to recognise it by."""

_digits = re.compile(rb"[A-Za-z0-9+/_-]*={0,2}")
_last_other = re.compile(rb"[^A-Za-z0-9+/_-]")
_is_digit = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")
_data_url = re.compile(rb'data:([\w.+-]+/[\w.+-]+)[^"]*$')
_named_type = re.compile(rb'"(?:media_type|mime_?[tT]ype)":\s*"([^"]+)"')


def take_media(body: bytes) -> tuple[bytes, list[dict[str, object]]]:
    """
    The body with `spanhouse:media:SHA256` in place of each text of 4,096 base64 digits or more, and what was taken out:
    `sha256` and `bytes` of what it decodes to, `media_type` where the body says it before, `head`: its first digits. So
    long a run covers a multiple of 4,096, so only there is looked: free for bodies without.
    """
    media: list[dict[str, object]] = []
    parts: list[bytes] = []
    done = 0
    for probe in range(_least_digits, len(body), _least_digits):
        if probe < done or body[probe] not in _is_digit:
            continue
        # Of a text shorter than that, which nearly all are, the quotes around it say so.
        if body.find(b'"', probe) - body.rfind(b'"', done, probe) <= _least_digits:
            continue
        start = _start_of_run(body, probe, done)
        match = _digits.match(body, start)
        end = match.end() if match else start
        if end - start < _least_digits or body[start - 1 : start] not in (b'"', b",") or body[end : end + 1] != b'"':
            continue
        medium = _medium(body[start:end], body[max(done, start - 200) : start])
        media.append(medium)
        parts += (body[done:start], b"spanhouse:media:", str(medium["sha256"]).encode())
        done = end
    return (b"".join((*parts, body[done:])) if media else body), media


def _start_of_run(body: bytes, probe: int, least: int) -> int:
    step = 256
    end = probe
    while end > least:
        begin = max(least, end - step)
        others = [match.end() for match in _last_other.finditer(body, begin, end)]
        if others:
            return others[-1]
        end = begin
    return end


def _medium(text: bytes, before: bytes) -> dict[str, object]:
    from base64 import b64decode
    from hashlib import sha256

    digits = text.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    content = b64decode(digits + b"=" * (-len(digits) % 4)) if len(digits) % 4 != 1 else b64decode(digits[:-1])
    medium: dict[str, object] = {"sha256": sha256(content).hexdigest(), "bytes": len(content)}
    kind = _data_url.search(before) or _named_type.search(before)
    if kind:
        medium["media_type"] = kind[1].decode("utf-8", "replace")
    medium["head"] = text[:_head_digits].decode()
    return medium

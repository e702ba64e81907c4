"""Anthropic's message batches. https://platform.claude.com/docs/en/build-with-claude/batch-processing"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .anthropic_apis import messages
from .batch_results import BatchApi, BatchResult, member_text, word_of

_results = re.compile(r"/messages/batches/([^/]+)/results$")
_batches = re.compile(r"/messages/batches(/[^/]+(/cancel)?)?$")


def _results_at(path: str) -> str | None:
    found = _results.search(path)
    return found[1] if found else None


def _read(line: str, told: Mapping[str, Any]) -> BatchResult | None:
    result: Any = told.get("result")
    kind = word_of(result.get("type")) if isinstance(result, dict) else ""
    if not kind:
        return None
    succeeded = kind == "succeeded"
    message: Any = result.get("message")
    outer: Any = result.get("error")
    outer = outer if isinstance(outer, dict) else {}
    inner: Any = outer.get("error")
    problem: dict[str, Any] = inner if isinstance(inner, dict) else outer
    request_id = word_of(outer.get("request_id"))
    return BatchResult(
        custom_id=word_of(told.get("custom_id")),
        id=word_of(message.get("id")) if isinstance(message, dict) else "",
        api=messages,
        body=member_text(member_text(line, "result"), "message" if succeeded else "error"),
        status=0,
        request_id=("request-id", request_id) if request_id else None,
        error=None
        if succeeded
        else (
            word_of(problem.get("type")) or kind,
            word_of(problem.get("message")) or f"the request of the batch is {kind}",
        ),
    )


batches = BatchApi(
    _results_at,
    lambda path: _batches.search(path) is not None,
    lambda batch: (batch.get("id"),),
    _read,
)

"""OpenAI's batches: results are files, a line a request. https://platform.openai.com/docs/guides/batch"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .api import Api
from .batch_results import BatchApi, BatchResult, member_text, word_of
from .openai_apis import api_of

_content = re.compile(r"/files/([^/]+)/content$")
_batches = re.compile(r"/batches(/[^/]+(/cancel)?)?$")


def _results_at(path: str) -> str | None:
    found = _content.search(path)
    return found[1] if found else None


def _read(line: str, told: Mapping[str, Any]) -> BatchResult | None:
    response: Any = told.get("response")
    problem: Any = told.get("error")
    # Other files are asked for by the same path, the input of a batch too.
    if not word_of(told.get("custom_id")) or not (isinstance(response, dict) or isinstance(problem, dict)):
        return None
    answer: dict[str, Any] = response if isinstance(response, dict) else {}
    body: Any = answer.get("body")
    said: dict[str, Any] = body if isinstance(body, dict) else {}
    status: Any = answer.get("status_code")
    if not isinstance(problem, dict) and isinstance(status, int) and status >= 400:
        problem = said.get("error")
    api = _api_of(said)
    if api is None:
        return None
    request_id = word_of(answer.get("request_id"))
    return BatchResult(
        custom_id=word_of(told.get("custom_id")),
        id=word_of(said.get("id")) or word_of(told.get("id")),
        api=api,
        body=member_text(member_text(line, "response"), "body") if said else "",
        status=status if isinstance(status, int) else 0,
        request_id=("x-request-id", request_id) if request_id else None,
        error=(
            word_of(problem.get("code")) or word_of(problem.get("type")) or "batch_error",
            word_of(problem.get("message")) or "the request of the batch failed",
        )
        if isinstance(problem, dict)
        else None,
    )


def _api_of(body: Mapping[str, Any]) -> Api | None:
    kind = body.get("object")
    if kind == "response":
        return api_of("post", "/responses")
    if kind == "list":
        return api_of("post", "/embeddings")
    if kind == "text_completion":
        return api_of("post", "/completions")
    return api_of("post", "/moderations" if isinstance(body.get("results"), list) else "/chat/completions")


batches = BatchApi(
    _results_at,
    lambda path: _batches.search(path) is not None,
    lambda batch: (batch.get("output_file_id"), batch.get("error_file_id")),
    _read,
)

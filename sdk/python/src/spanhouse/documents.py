"""What a retriever found, in one shape whatever library found it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_fields = ("id", "score", "content", "source", "metadata")
_other_names = {
    "page_content": "content",
    "text": "content",
    "document_id": "id",
    "doc_id": "id",
    "node_id": "id",
    "relevance_score": "score",
    "url": "source",
}


def documents_of(result: object) -> list[dict[str, object]]:
    """`{id, score, content, source, metadata}` for each, with what is known of it."""
    if result is None:
        return []
    if isinstance(result, (str, Mapping)) or not isinstance(result, Iterable):
        return [_document(result)]
    items: Iterable[Any] = result
    return [_document(item) for item in items]


def _document(item: Any) -> dict[str, object]:
    if isinstance(item, str):
        return {"content": item}
    if isinstance(item, tuple) and len(item) == 2 and isinstance(item[1], (int, float)):
        return {**_document(item[0]), "score": item[1]}
    if isinstance(item, Mapping):
        return _known(dict(item))
    found = {name: getattr(item, name) for name in (*_fields, *_other_names) if getattr(item, name, None) is not None}
    get_content = getattr(item, "get_content", None)
    if "content" not in found and callable(get_content):
        found["content"] = get_content()
    return _known(found) or {"content": str(item)}


def _known(item: dict[Any, Any]) -> dict[str, object]:
    document: dict[str, object] = {}
    for name in _fields:
        if item.get(name) is not None:
            document[name] = item[name]
    for other, name in _other_names.items():
        if name not in document and item.get(other) is not None:
            document[name] = item[other]
    return document

"""Whatever is exported says what it does."""

from __future__ import annotations

import inspect

import pytest

import spanhouse
from spanhouse.kafka import KafkaTransport

_exported = {name: getattr(spanhouse, name) for name in spanhouse.__all__} | {"KafkaTransport": KafkaTransport}


@pytest.mark.parametrize("name", [name for name in _exported if name != "__version__"])
def test_it_is_documented(name: str) -> None:
    exported = _exported[name]
    assert (exported.__doc__ or "").strip()
    if inspect.isclass(exported):
        own = {key: one for key, one in vars(exported).items() if not key.startswith("_")}
        methods = {key: one for key, one in own.items() if inspect.isfunction(one) or isinstance(one, property)}
        assert [key for key, one in methods.items() if not (one.__doc__ or "").strip()] == []

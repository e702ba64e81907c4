"""Functions whose every call is a span: `traced`, `tool`, `retrieval`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, overload

from .answers import Answers, Value
from .documents import documents_of
from .json_text import json_text, text_or_json
from .spans import CLIENT, INTERNAL, Span
from .wrapped_function import Attributes, CallKind, wrapped

F = TypeVar("F", bound=Callable[..., Any])


@overload
def traced(function: F) -> F: ...
@overload
def traced(*, name: str | None = None) -> Callable[[F], F]: ...
def traced(function: F | None = None, *, name: str | None = None) -> F | Callable[[F], F]:
    """
    A span for each call, named like the function, with its arguments and its result. For functions, coroutines,
    generators and async generators, methods too; a generator's span ends with it.
    """

    def wrap(inner: F) -> F:
        skip = 1 if _is_method(inner) else 0

        def attributes(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Attributes:
            return {"spanhouse.input": json_text([*args[skip:], *([dict(kwargs)] if kwargs else [])])}

        return wrapped(
            inner,
            CallKind(name or inner.__name__, INTERNAL, attributes, Span.set_output, lambda answers, facts: None),
        )

    return wrap(function) if function is not None else wrap


CallId = str | Callable[..., str | None] | None


@overload
def tool(function: F, *, name: str | None = None, call_id: CallId = None) -> F: ...
@overload
def tool(function: str | None = None, *, name: str | None = None, call_id: CallId = None) -> Callable[[F], F]: ...
def tool(function: F | str | None = None, *, name: str | None = None, call_id: CallId = None) -> F | Callable[[F], F]:
    """
    A function that a model may call: each call is a span `execute_tool NAME` with its arguments, its result or its
    error. `@tool`, `@tool("name")`; `call_id` is the model's id of the call, or what finds it in the arguments.
    """
    named = function if isinstance(function, str) else name

    def wrap(inner: F) -> F:
        own_name = named or inner.__name__

        def attributes(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Attributes:
            facts: Attributes = {
                "gen_ai.operation.name": "execute_tool",
                "gen_ai.tool.name": own_name,
                "gen_ai.tool.type": "function",
                "gen_ai.tool.call.arguments": text_or_json(_arguments(inner, args, kwargs)),
            }
            known = call_id(*args, **kwargs) if callable(call_id) else call_id
            if known is not None:
                facts["gen_ai.tool.call.id"] = known
            return facts

        def result(span: Span, value: Any) -> None:
            span.set_attribute("gen_ai.tool.call.result", text_or_json(value))
            _tell_text(span, value)

        def answer(answers: Answers, facts: Attributes) -> Value | None:
            return answers.tool(own_name, str(facts.get("gen_ai.tool.call.arguments", "")))

        return wrapped(inner, CallKind(f"execute_tool {own_name}", INTERNAL, attributes, result, answer))

    return wrap(function) if function is not None and not isinstance(function, str) else wrap


@overload
def retrieval(function: F, *, name: str | None = None) -> F: ...
@overload
def retrieval(function: str | None = None, *, name: str | None = None) -> Callable[[F], F]: ...
def retrieval(function: F | str | None = None, *, name: str | None = None) -> F | Callable[[F], F]:
    """
    A function that finds documents for a query, its first argument: each call is a span `retrieval NAME` with the query
    and the documents. Documents may be texts, mappings, or objects with `page_content` or `get_content()`, alone or in
    pairs with a score.
    """
    named = function if isinstance(function, str) else name

    def wrap(inner: F) -> F:
        own_name = named or inner.__name__
        skip = 1 if _is_method(inner) else 0

        def attributes(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Attributes:
            query = (*args[skip:], *kwargs.values(), "")[0]
            return {
                "gen_ai.operation.name": "retrieval",
                "gen_ai.data_source.id": own_name,
                "gen_ai.retrieval.query.text": text_or_json(query),
            }

        def result(span: Span, value: Any) -> None:
            found, whole = json_text(documents_of(value)), json_text(value)
            span.set_attribute("gen_ai.retrieval.documents", found)
            # The result in its own shape, where that is another one than the documents'.
            if whole != found:
                span.set_attribute("spanhouse.output", whole)
            _tell_text(span, value)

        def answer(answers: Answers, facts: Attributes) -> Value | None:
            return answers.retrieval(own_name, str(facts.get("gen_ai.retrieval.query.text", "")))

        return wrapped(inner, CallKind(f"retrieval {own_name}", CLIENT, attributes, result, answer))

    return wrap(function) if function is not None and not isinstance(function, str) else wrap


_reads_as_json = re.compile(r'\s*(?:[\[{"\-\d]|(?:true|false|null)\s*\Z)')


def _tell_text(span: Span, value: Any) -> None:
    """That a result is a text, where it would be taken for JSON."""
    if isinstance(value, str) and _reads_as_json.match(value):
        span.set_attribute("spanhouse.result", "text")


def _arguments(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """One argument by position as it is; otherwise a mapping by the parameters' names."""
    if _is_method(function):
        args = args[1:]
    if len(args) == 1 and not kwargs:
        return args[0]
    names = function.__code__.co_varnames if hasattr(function, "__code__") else ()
    if _is_method(function):
        names = names[1:]
    by_position = {names[i] if i < len(names) else str(i): value for i, value in enumerate(args)}
    return {**by_position, **kwargs}


def _is_method(function: Callable[..., Any]) -> bool:
    if hasattr(function, "__self__"):
        return False  # Bound: the first argument is there already.
    code = getattr(function, "__code__", None)
    return code is not None and code.co_argcount > 0 and code.co_varnames[0] in ("self", "cls")

"""A function with a span around each call, of whichever of the four sorts Python has."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextvars import copy_context
from functools import wraps
from typing import Any, TypeVar, cast

from .answers import Answers, Value, current_answers
from .context import Entered
from .otlp import AttributeValue
from .spans import Span
from .tracing import Scope, end_span, start_span

F = TypeVar("F", bound=Callable[..., Any])

Attributes = dict[str, AttributeValue]


class CallKind:
    """What sets the spans of one wrapped function apart."""

    def __init__(
        self,
        name: str,
        kind: int,
        attributes: Callable[[tuple[Any, ...], Mapping[str, Any]], Attributes],
        result: Callable[[Span, Any], None],
        answer: Callable[[Answers, Attributes], Value | None],
    ) -> None:
        self.name = name
        self.kind = kind
        self.attributes = attributes
        self.result = result
        self.answer = answer

    def facts(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Attributes:
        try:
            return self.attributes(args, kwargs)
        except Exception:
            return {}

    def answered(self, facts: Attributes) -> Value | None:
        answers = current_answers()
        return None if answers is None else self.answer(answers, facts)

    def returned(self, span: Span, value: Any) -> None:
        try:
            self.result(span, value)
        except Exception:
            pass


def wrapped(function: F, kind: CallKind) -> F:
    """The function, a span around each call. A generator's span lasts until it is exhausted, closed or forgotten."""
    import inspect

    if inspect.isasyncgenfunction(function):
        sort = _of_async_generator
    elif inspect.isgeneratorfunction(function):
        sort = _of_generator
    elif inspect.iscoroutinefunction(function):
        sort = _of_coroutine
    else:
        sort = _of_function
    return cast(F, wraps(function)(sort(function, kind)))


def _of_function(function: Callable[..., Any], kind: CallKind) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        facts = kind.facts(args, kwargs)
        with Scope(kind.name, kind.kind, attributes=facts) as span:
            answer = kind.answered(facts)
            value = function(*args, **kwargs) if answer is None else answer.value
            kind.returned(span, value)
            return value

    return call


def _of_coroutine(function: Callable[..., Any], kind: CallKind) -> Callable[..., Any]:
    async def call(*args: Any, **kwargs: Any) -> Any:
        facts = kind.facts(args, kwargs)
        with Scope(kind.name, kind.kind, attributes=facts) as span:
            answer = kind.answered(facts)
            value = await function(*args, **kwargs) if answer is None else answer.value
            kind.returned(span, value)
            return value

    return call


def _of_generator(function: Callable[..., Any], kind: CallKind) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        span = start_span(kind.name, kind.kind, attributes=kind.facts(args, kwargs))
        # Current only while the generator runs, not while who asks it does.
        context = copy_context()
        context.run(Entered, span)
        try:
            return (yield from _in_context(context.run, function(*args, **kwargs)))
        except GeneratorExit:
            raise
        except BaseException as error:
            span.fail(error)
            raise
        finally:
            end_span(span)

    return call


def _in_context(run: Callable[..., Any], generator: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
    step: Callable[..., Any] = generator.send
    given: Any = None
    try:
        while True:
            try:
                item = run(step, given)
            except StopIteration as stop:
                return stop.value
            try:
                given = yield item
                step = generator.send
            except GeneratorExit:
                raise
            except BaseException as error:
                given = error
                step = generator.throw
    finally:
        run(generator.close)


def _of_async_generator(function: Callable[..., Any], kind: CallKind) -> Callable[..., Any]:
    async def call(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        span = start_span(kind.name, kind.kind, attributes=kind.facts(args, kwargs))
        generator = function(*args, **kwargs)
        step: Callable[..., Any] = generator.asend
        given: Any = None
        try:
            while True:
                entered = Entered(span)
                try:
                    item = await step(given)
                except StopAsyncIteration:
                    return
                finally:
                    entered.leave()
                try:
                    given = yield item
                    step = generator.asend
                except GeneratorExit:
                    raise
                except BaseException as error:
                    given = error
                    step = generator.athrow
        except GeneratorExit:
            await generator.aclose()
            raise
        except BaseException as error:
            span.fail(error)
            raise
        finally:
            end_span(span)

    return call

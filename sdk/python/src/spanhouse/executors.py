"""Context across threads: `contextvars` follow tasks by themselves, and threads only when carried."""

from __future__ import annotations

from contextvars import copy_context
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concurrent.futures import Executor


def carry_context(executor: Executor) -> Executor:
    """
    The same executor, except that what is submitted through the one given back runs in the context of its submitter:
    the current span there is the current span here. For thread pools; a process pool cannot take a context along, use
    `inject` and `extract`.
    """
    from concurrent.futures import Executor as Base

    class Carrying(Base):
        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
            return executor.submit(copy_context().run, fn, *args, **kwargs)

        def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
            executor.shutdown(wait, cancel_futures=cancel_futures)

    return Carrying()

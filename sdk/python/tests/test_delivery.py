"""Delivery over HTTP when the receiver is away, slow, full or picky, and when this process forks, ends or is busy."""

from __future__ import annotations

import multiprocessing
import os
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from backend import Backend, hangs_up

import spanhouse

_source = str(Path(__file__).parents[1] / "src")


@pytest.fixture
def backend() -> Iterator[Backend]:
    with Backend().running() as backend:
        spanhouse.init(url=backend.url, api_key="key-1")
        yield backend
        spanhouse.shutdown()


def _nowhere() -> str:
    """An address where nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def _spans(count: int, name: str = "work", size: int = 0) -> None:
    for _ in range(count):
        with spanhouse.trace(name) as span:
            if size:
                span.set_input("x" * size)


def test_delivery_and_key(backend: Backend) -> None:
    _spans(3)
    assert spanhouse.flush(10) == (3, 0, 0, 0)
    assert backend.names() == ["work"] * 3
    assert backend.requests[0]["authorization"] == "Bearer key-1"
    assert backend.requests[0]["content-type"] == "application/x-protobuf"


def test_busy_and_broken_receiver(backend: Backend) -> None:
    backend.answers = [(429, {"Retry-After": "0"}), (503, {}), hangs_up]
    _spans(2)
    delivery = spanhouse.flush(20)
    assert (delivery.sent, delivery.dropped, delivery.pending) == (2, 0, 0)
    assert delivery.retried >= 2
    assert backend.names() == ["work"] * 2


def test_retry_after_is_waited_for(backend: Backend) -> None:
    backend.answers = [(429, {"Retry-After": "1"})]
    started = monotonic()
    _spans(1)
    assert spanhouse.flush(20).sent == 1
    assert monotonic() - started >= 1


def test_too_large_a_batch_is_halved(backend: Backend) -> None:
    backend.largest = 30_000
    _spans(20, size=5_000)
    _spans(1, "huge", size=100_000)
    assert spanhouse.flush(20) == (20, 0, 1, 0)
    assert backend.names() == ["work"] * 20


def test_refused_for_good(backend: Backend) -> None:
    backend.answers = [(401, {}), (401, {})]
    _spans(2)
    assert spanhouse.flush(10) == (0, 0, 2, 0)


def test_flush_gives_up_in_time() -> None:
    spanhouse.init(url=_nowhere())
    _spans(5)
    started = monotonic()
    delivery = spanhouse.flush(0.3)
    assert monotonic() - started < 5
    assert (delivery.sent, delivery.pending) == (0, 5)
    assert spanhouse.shutdown(0.1).dropped == 6, "the five, and the word of the last number"


def test_dead_receiver_keeps_memory_bounded_and_results_alone() -> None:
    spanhouse.init(url=_nowhere(), max_queue_bytes=200_000)

    @spanhouse.traced
    def work(n: int) -> int:
        return n * 2

    assert [work(n) for n in range(5_000)] == [n * 2 for n in range(5_000)]
    delivery = spanhouse.flush(0.1)
    assert delivery.pending < 400
    assert delivery.dropped + delivery.pending == 5_000
    spanhouse.shutdown(0.1)


def test_a_full_queue_drops_whole_traces(backend: Backend) -> None:
    spanhouse.init(url=backend.url, max_queue_spans=10)
    backend.answers = [(503, {"Retry-After": "1"})]
    _spans(1, "first")
    spanhouse.flush(0.05)
    for number in range(6):
        with spanhouse.trace(f"trace {number}"):
            for _ in range(3):
                with spanhouse.span(f"step {number}"):
                    pass
    delivery = spanhouse.flush(20)
    assert delivery.sent + delivery.dropped == 25
    kept = [number for number in range(6) if f"trace {number}" in backend.names()]
    assert all(backend.names().count(f"step {number}") == 3 for number in kept)
    assert all(f"step {number}" not in backend.names() for number in range(6) if number not in kept)
    assert len(kept) == 2


def test_many_threads(backend: Backend) -> None:
    with ThreadPoolExecutor(64) as pool:
        list(pool.map(lambda _: _spans(50), range(64)))
    assert spanhouse.flush(30) == (3_200, 0, 0, 0)
    ended = [span for span in backend.spans if "spanhouse.sequence" in span.attributes]
    assert sorted(span.attributes["spanhouse.sequence"] for span in ended) == list(range(1, 3_201))


def test_the_last_number_is_said(backend: Backend) -> None:
    _spans(4)
    spanhouse.shutdown()
    (close,) = [span for span in backend.spans if span.name == "spanhouse.close"]
    assert close.attributes == {"spanhouse.final_sequence": 4}
    _spans(1)
    spanhouse.flush()
    instances = [span.resource["spanhouse.instance"] for span in backend.spans]
    assert len(set(instances)) == 2


def _child(inside: Any) -> None:
    _spans(2, "child")
    inside.__exit__(None, None, None)


def test_fork_in_the_middle_of_an_export(backend: Backend) -> None:
    """The child has its own instance; what waits, or is under way, in the parent is the parent's alone."""
    held = threading.Event()
    backend.answers = [lambda handler: (held.wait(20), hangs_up(handler))[0]]  # type: ignore[list-item, return-value]
    _spans(3, "parent")
    spanhouse.flush(0.05)
    inside = spanhouse.trace("around the fork")
    inside.__enter__()
    process = multiprocessing.get_context("fork").Process(target=_child, args=(inside,))
    process.start()
    process.join(20)
    assert process.exitcode == 0
    held.set()
    inside.__exit__(None, None, None)
    assert spanhouse.flush(20).sent == 4
    names = backend.names()
    assert (names.count("parent"), names.count("around the fork"), names.count("child")) == (3, 1, 2)
    by_instance = {span.resource["spanhouse.instance"] for span in backend.spans}
    assert len(by_instance) == 2
    child = next(span for span in backend.spans if span.name == "child")
    closes = [span for span in backend.spans if span.name == "spanhouse.close"]
    assert [close.resource["spanhouse.instance"] for close in closes] == [child.resource["spanhouse.instance"]]


def test_os_fork_and_exit(backend: Backend) -> None:
    _spans(1, "parent")
    child = os.fork()
    if child == 0:
        status = 1
        try:
            _spans(1, "child")
            status = 0 if spanhouse.flush(10).sent == 1 else 2
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    assert spanhouse.flush(10).sent == 1
    assert sorted(backend.names()) == ["child", "parent"]


def _run(program: str, url: str) -> float:
    """Seconds that a program of its own took."""
    started = monotonic()
    env = {**os.environ, "SPANHOUSE_URL": url, "PYTHONPATH": _source}
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], env=env, check=True, timeout=60)
    return monotonic() - started


def test_a_program_that_ends_sends_what_it_has(backend: Backend) -> None:
    program = """
        import spanhouse
        with spanhouse.trace("last words"):
            pass
    """
    _run(program, backend.url)
    assert backend.names() == ["last words"]
    (close,) = [span for span in backend.spans if span.name == "spanhouse.close"]
    assert close.attributes["spanhouse.final_sequence"] == 1


def test_a_program_that_ends_with_a_full_queue_and_nobody_there() -> None:
    program = """
        import atexit, time, sys
        ended = []
        atexit.register(lambda: sys.exit(0) if time.monotonic() - ended[0] < 2.5 else print("too late"))
        import spanhouse
        spanhouse.init(max_queue_bytes=2_000_000)
        for _ in range(3000):
            with spanhouse.trace("work") as span:
                span.set_input("x" * 1000)
        ended.append(time.monotonic())
    """
    env = {**os.environ, "SPANHOUSE_URL": _nowhere(), "PYTHONPATH": _source}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], env=env, check=False, timeout=60, capture_output=True
    )
    assert b"too late" not in done.stdout


def test_exit_while_the_receiver_hangs() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        program = """
            import time, atexit
            ended = []
            atexit.register(lambda: print(time.monotonic() - ended[0]))
            import spanhouse
            with spanhouse.trace("work"):
                pass
            ended.append(time.monotonic())
        """
        env = {**os.environ, "SPANHOUSE_URL": f"http://127.0.0.1:{silent.getsockname()[1]}", "PYTHONPATH": _source}
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(program)], env=env, check=True, timeout=60, capture_output=True
        )
    # What is promised is a bound of its own making, not a speed: 2 s by default, and a second for a busy machine.
    assert float(done.stdout) < 3

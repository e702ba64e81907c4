from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.request import Request, urlopen

import pytest
from collector import Collector

import spanhouse

conformance = Path(__file__).parents[2] / "conformance"


class Simulator:
    """The provider simulator of `sdk/conformance`, in a process of its own."""

    def __init__(self, url: str) -> None:
        self.url = url

    def recorded(self, least: int = 0) -> list[dict[str, Any]]:
        """Ground truth of the requests since `restart`, once so many have ended: it sees a client go a little later."""
        deadline = monotonic() + 10
        while True:
            with urlopen(f"{self.url}/simulator/requests") as response:
                requests: list[dict[str, Any]] = json.load(response)
            if len(requests) >= least or monotonic() > deadline:
                return requests
            sleep(0.01)

    def restart(self) -> None:
        """Counts, and names its ids, from the start again."""
        urlopen(Request(f"{self.url}/simulator/requests", method="DELETE")).close()


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    main = conformance / "dist" / "main.js"
    with subprocess.Popen(["node", str(main), "--port", "0"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Simulator(json.loads(process.stdout.readline())["url"])
        process.terminate()


@pytest.fixture
def collector() -> Iterator[Collector]:
    """What the SDK exports in this test, from a fresh instance."""
    collector = Collector()
    spanhouse.init(transport=collector, service_name="conformance")
    yield collector
    spanhouse.shutdown()

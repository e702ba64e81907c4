"""
For the comparison with the TypeScript SDK (`sdk/typescript/test/both-sdks.test.ts`): runs every conformance case
against the simulator at the address of the first argument, and prints what is exported as JSON, by case.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from urllib.request import Request, urlopen

from test_conformance import run_sync, spans_of_case


def main(url: str) -> None:
    emitted = {}
    for path in sorted((Path(__file__).parents[2] / "conformance" / "cases").glob("*.json")):
        case = json.loads(path.read_text())
        if "python" not in case.get("only", ["python"]):
            continue
        urlopen(Request(f"{url}/simulator/requests", method="DELETE")).close()
        emitted[path.name] = [asdict(span) for span in spans_of_case(case, run_sync(url))]
    json.dump(emitted, sys.stdout)


main(sys.argv[1])

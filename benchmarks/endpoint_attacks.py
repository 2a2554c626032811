"""An endpoint under attack: hostile requests, memory, idle connections, and redeployments.

    python benchmarks/endpoint_attacks.py [--quick]

The attacks of the tests, at length. At the end comes a table of the figures, their limits and
whether they are kept; the exit status is 1 if one is not.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import sys
import tempfile
from pathlib import Path

if __name__ == "__main__":
    _root = Path(__file__).resolve().parents[1]
    sys.path[:0] = [str(_root), str(_root / "tests" / "deployment")]

import psutil
from endpoint import Table
from raw_http import Clients, connected, endpoint, exchange, hostile, post, row_with
from serving_examples import Trained, azure_request, train

from designer.deployment import Endpoints
from designer.deployment.deploying import pack
from modules.endpoint.application import LARGE_BODY
from modules.endpoint.listening import allow_connections

KEY = "key-of-the-benchmark"
LARGE = (
    b"[" + b"[]," * 490_000 + b"[]]",
    b"[" + b"[]," * 10_000_000 + b"[]]",
    b"[" + b"{}," * 490_000 + b"{}]",
    b'["' + b'","' * 9_000_000 + b'"]',
    b"[" * 10_000_000,
    b'[{"town": "' + b"x" * 30_000_000 + b'"}]',
    json.dumps([{f"c{number}": 1 for number in range(900_000)}]).encode(),
)


def hostile_requests(package: Path, folder: Path, count: int, table: Table) -> None:
    """Send hostile requests; none may be answered with 500, and the memory stays flat."""
    with endpoint(package, folder, "--patience", "1", "--allow", "code") as process:
        answers = [
            answer.status for data in hostile(count) for answer in exchange(process.port, data)
        ]
        memory = []
        for round_number in range(4):
            for body in LARGE if round_number else LARGE[:1]:
                answers += [answer.status for answer in exchange(process.port, post(body))]
            for _ in range(2):
                exchange(process.port, post(b" " * LARGE_BODY + b"[]"))
            memory.append(psutil.Process(process.pid).memory_info().rss)
    print(f"{len(answers):,} answers", flush=True)
    table.add("answers of 500", sum(status >= 500 for status in answers), 0)
    table.add("memory after large requests / before", max(memory) / memory[0], 1.1)


def idle_connections(package: Path, folder: Path, table: Table) -> None:
    """Send requests beside 1,100 idle connections, half of them within a head."""
    with endpoint(package, folder) as process, contextlib.ExitStack() as stack:
        for number in range(allow_connections(1_100)):
            idle = stack.enter_context(connected(process))
            if number % 2:
                with contextlib.suppress(ConnectionError):
                    idle.sendall(b"POST /score HTTP/1.1\r\nX-Slow: ")
        good = post(row_with("age", "41"))
        answers = [[each.status for each in exchange(process.port, good)] for _ in range(200)]
    table.add("failures beside 1,100 idle connections", sum(each != [200] for each in answers), 0)


def redeployments(trained: Trained, package: Path, folder: Path, count: int, table: Table) -> None:
    """Redeploy under eight clients."""
    endpoints = Endpoints(folder / "workspace")
    for _ in range(2):
        copy = folder / "copy"
        shutil.copytree(package, copy)
        endpoints.add_version("people", copy, key=KEY)
    try:
        port = endpoints.start("people").port or 0
        clients = Clients(port, KEY, azure_request(trained.rows[0]))
        with clients.sending():
            for number in range(count):
                clients.wait_for(200)
                endpoints.start("people", version=2 - number % 2)
            clients.wait_for(200)
    finally:
        endpoints.delete("people")
    print(f"{clients.answers:,} requests during {count} redeployments", flush=True)
    table.add("refused or lost while redeploying", len(clients.failures), 0)


def main() -> int:
    """Attack, print the table, and return 1 if a limit is not kept."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="only to see that it runs")
    quick = parser.parse_args().quick
    table = Table()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        for script in (False, True):
            folder = Path(made) / ("with_tables" if script else "compiled")
            folder.mkdir()
            trained = train(folder, script=script)
            package = pack(trained.workspace, trained.file, folder / "package", "people")
            (folder / "attacked").mkdir()
            count = 300 if quick else 10_000
            hostile_requests(package.package.folder, folder / "attacked", count, table)
            if not script:
                (folder / "idle").mkdir()
                idle_connections(package.package.folder, folder / "idle", table)
                times = 3 if quick else 20
                redeployments(trained, package.package.folder, folder / "again", times, table)
    table.show()
    return int(table.missed)


if __name__ == "__main__":
    sys.exit(main())

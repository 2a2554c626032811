"""One row to an endpoint, and a million to a file, beside what a person would write by hand.

    python benchmarks/endpoint.py [--quick] [--soak MINUTES]

The same logistic regression behind indicator values and normalisation, the same client and
machine, loopback, one process a server; servers take turns, and each has its best round. At the
end comes a table of the figures, their limits and whether they are kept; the exit status is 1 if
one is not. Azure ML's inference server takes part where its Python was made:

    python benchmarks/azure_server.py
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    _root = Path(__file__).resolve().parents[1]
    sys.path[:0] = [str(_root), str(_root / "tests" / "deployment")]

import numpy as np
import pandas as pd
import psutil
from _endpoint_load import Measured, Server, free_port, measure, request_bytes, served
from _endpoint_peers import KEY, write_peers
from azure_server import azure_python
from serving_examples import LABEL, Trained, azure_request, people, train

from designer.deployment.deploying import pack
from designer.tracking.model_folder import scoring_folder, written

ROOT = Path(__file__).resolve().parents[1]
CONNECTIONS = (1, 8)
OURS = "ModelDesk"
BY_HAND = "FastAPI and scikit-learn"
AZURE = "Azure ML inference server"
MLFLOW = "mlflow models serve"

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@dataclass
class Table:
    """The figures with their limits."""

    lines: list[tuple[str, str, str, str]] = field(default_factory=list)
    missed: bool = False

    def add(self, name: str, found: float, limit: float, *, least: bool = False) -> None:
        """Add a figure that is at most, or at least, its limit."""
        kept = found >= limit if least else found <= limit
        self.missed |= not kept
        said = f"at {'least' if least else 'most'} {limit:g}"
        self.lines.append((name, f"{found:.2f}", said, "kept" if kept else "MISSED"))

    def leave_out(self, name: str, reason: str) -> None:
        """Add a figure that could not be measured here."""
        self.lines.append((name, "-", reason, "not measured"))

    def show(self) -> None:
        """Print all."""
        widths = [max(len(line[place]) for line in self.lines) for place in range(3)]
        print()
        for name, found, limit, verdict in self.lines:
            print(
                f"{name:<{widths[0]}}  {found:>{widths[1]}}  {limit:<{widths[2]}}  {verdict}",
            )


@dataclass(frozen=True)
class Peer:
    """A server to be measured."""

    name: str
    command: Callable[[int], list[str]]
    request: bytes
    options: dict[str, Any]
    health: str = "/"


class Bench:
    """What is made once: packages, keys, and the programs of the others."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.trained = train(_made(folder / "compiled"))
        self.package = _packed(self.trained, folder / "compiled" / "package")
        scripted = train(_made(folder / "with_tables"), script=True)
        self.scripted = _packed(scripted, folder / "with_tables" / "package")
        self.row = self.trained.rows[0]
        self.model = write_peers(folder)
        self.keys = folder / "keys.json"
        self.keys.touch(0o600)
        self.keys.write_text(json.dumps({"primary": KEY}))
        self.request = request_bytes("/score", azure_request(self.row), KEY)

    def ours(self, package: Path, *more: str) -> Peer:
        """Return this project's endpoint."""

        def command(port: int) -> list[str]:
            start = [sys.executable, "-P", "-m", "modules.endpoint", str(package)]
            return [*start, "--port", str(port), "--key-file", str(self.keys), *more]

        variables = os.environ | ONE_THREAD | {"PYTHONPATH": str(package)}
        return Peer(OURS, command, self.request, {"env": variables}, "/health")

    def by_hand(self) -> Peer:
        program = [sys.executable, str(self.folder / "by_hand.py"), str(self.model)]
        request = request_bytes("/score", {"rows": [self.row]}, KEY)
        return Peer(
            BY_HAND,
            lambda port: [*program, str(port)],
            request,
            {"env": os.environ | ONE_THREAD},
            "/docs",
        )

    def azure(self, python: Path) -> Peer:
        app = "azureml_inference_server_http.server.entry:app"
        variables = {"AML_APP_ROOT": str(self.package), "AZUREML_ENTRY_SCRIPT": "score.py"}
        variables["AZUREML_MODEL_DIR"] = str(self.package / "model")
        return Peer(
            AZURE,
            lambda port: [str(python), "-m", "gunicorn", "-b", f"127.0.0.1:{port}", app],
            self.request,
            {"env": os.environ | ONE_THREAD | variables, "cwd": self.package},
        )

    def mlflow(self) -> Peer:
        place = self.folder / "mlflow"
        with written(scoring_folder(self.package / "model")) as folder:
            shutil.copytree(folder, place)
        serve = [sys.executable, "-P", "-m", "mlflow", "models", "serve", "-m", str(place)]
        serve += ["--env-manager", "local", "--workers", "1"]
        # It starts uvicorn by its name.
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        split = {"columns": list(self.row), "data": [list(self.row.values())]}
        return Peer(
            MLFLOW,
            lambda port: [*serve, "--port", str(port)],
            request_bytes("/invocations", {"dataframe_split": split}, ""),
            {"env": os.environ | ONE_THREAD | {"PATH": path}},
            "/ping",
        )


def readiness(bench: Bench, table: Table, times: int) -> None:
    """Measure how long endpoints take from the start of their process to their first answer."""
    for name, peer, limit in (
        ("ready, compiled (s)", bench.ours(bench.package), 1.0),
        ("ready, with tables (s)", bench.ours(bench.scripted, "--allow", "code"), 3.0),
    ):
        found = []
        for _ in range(times):
            port = free_port()
            with served(peer.command(port), port, health=peer.health, **peer.options) as server:
                found.append(server.ready)
        print(f"{name}: {', '.join(f'{each:.2f}' for each in found)}", flush=True)
        table.add(name, statistics.median(found), limit)


def one_row(bench: Bench, table: Table, seconds: float, rounds: int) -> None:
    """Measure servers in turns: one row a request, over one connection and over eight."""
    peers = [bench.ours(bench.package), bench.by_hand(), bench.mlflow()]
    python = azure_python()
    if python is not None:
        peers.append(bench.azure(python))
    best: dict[str, dict[int, Measured]] = {peer.name: {} for peer in peers}
    with contextlib.ExitStack() as stack:
        servers: dict[str, Server] = {}
        for peer in peers:
            port = free_port()
            servers[peer.name] = stack.enter_context(
                served(peer.command(port), port, health=peer.health, **peer.options)
            )
            measure(port, peer.request, 8, 1.0)
        for _ in range(rounds):
            for peer in peers:
                for count in CONNECTIONS:
                    found = measure(servers[peer.name].port, peer.request, count, seconds)
                    known = best[peer.name].get(count, found)
                    best[peer.name][count] = Measured(
                        max(known.rps, found.rps),
                        min(known.p50, found.p50),
                        min(known.p99, found.p99),
                    )
    for name, by_count in best.items():
        shown = "   ".join(
            f"c={count}: {each.rps:7.0f}/s  p50 {each.p50:6.2f}  p99 {each.p99:6.2f} ms"
            for count, each in by_count.items()
        )
        print(f"{name:<26} ready {servers[name].ready:5.2f} s   {shown}", flush=True)
    mine = best[OURS]
    for name, limit in ((BY_HAND, 1.0), (AZURE, 1.2), (MLFLOW, 4.0)):
        for count in CONNECTIONS:
            title = f"requests / {name}, {count} at once"
            if name in best:
                ratio = mine[count].rps / best[name][count].rps
                table.add(title, ratio, limit, least=True)
            else:
                table.leave_out(title, "run benchmarks/azure_server.py first")
    table.add(f"p99 / {BY_HAND}, 8 at once", mine[8].p99 / best[BY_HAND][8].p99, 1.0)


def many_rows(bench: Bench) -> None:
    """Show how one request of many rows is answered, row by row and with tables."""
    from modules.scoring import Scorer

    ways = {
        "row by row": Scorer(bench.package / "model", compiled=True),
        "with tables": Scorer(bench.package / "model", compiled=False),
    }
    switch = ways["row by row"].many_rows
    ways["row by row"].many_rows = sys.maxsize
    for count in (100, 1_000, 10_000, 50_000):
        rows = {"input1": (bench.trained.rows * (count // len(bench.trained.rows) + 1))[:count]}
        shown = []
        for name, scorer in ways.items():
            times = []
            for _ in range(3):
                started = time.perf_counter()
                scorer.score(rows)
                times.append(time.perf_counter() - started)
            shown.append(f"{name} {min(times) * 1000:7.1f} ms")
        print(f"{count:,} rows in one request: {', '.join(shown)}")
    print(f"(an endpoint takes tables from {switch:,} rows on)", flush=True)


def soak(bench: Bench, table: Table, minutes: float) -> None:
    """Ask at full load for some minutes and watch the memory."""
    peer = bench.ours(bench.package)
    port = free_port()
    with served(peer.command(port), port, health=peer.health, **peer.options) as server:
        measure(port, peer.request, 8, min(30.0, 10 * minutes))
        process = psutil.Process(server.pid)
        ended = threading.Event()
        samples: list[tuple[float, float]] = []

        def watch() -> None:
            started = time.perf_counter()
            while not ended.wait(min(5.0, 6 * minutes)):
                memory = process.memory_info().rss / 1e6
                samples.append(((time.perf_counter() - started) / 60, memory))

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            found = measure(port, peer.request, 8, minutes * 60)
        finally:
            ended.set()
            watcher.join()
    when, memory = np.array(samples).T
    slope = float(np.polyfit(when, memory, 1)[0])
    print(
        f"{minutes:g} minutes at full load: {found.rps:.0f}/s, p99 {found.p99:.2f} ms, no error, "
        f"memory {memory[0]:.1f} to {memory[-1]:.1f} MB, at most {memory.max():.1f} MB"
    )
    table.add("memory gained at full load (MB a minute)", slope, 0.2)
    table.add("largest / first memory at full load", memory.max() / memory[0], 1.05)


def batch(bench: Bench, table: Table, rows: int, rounds: int) -> None:
    """Score a file in a process of its own, start and all, and with the plain script."""
    folder = bench.folder
    people(rows, seed=3).drop(columns=LABEL).to_csv(folder / "large.csv", index=False)
    commands = {
        "plain script": ["plain.py", str(bench.model), "large.csv", "plain.csv"],
        OURS: ["ours.py", str(bench.package), "large.csv", "ours.csv"],
    }
    best: dict[str, float] = {}
    for _ in range(rounds):
        for name, command in commands.items():
            started = time.perf_counter()
            subprocess.run(
                [sys.executable, *command],
                cwd=folder,
                check=True,
                env=os.environ | {"PYTHONPATH": str(ROOT)},
            )
            seconds = time.perf_counter() - started
            best[name] = min(best.get(name, seconds), seconds)
    assert len(pd.read_csv(folder / "ours.csv")) == rows
    shown = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in best.items())
    print(f"{rows:,} rows from file to file: {shown}", flush=True)
    table.add(f"batch of {rows:,} rows / plain script", best[OURS] / best["plain script"], 1.2)


def main() -> int:
    """Measure, print the table, and return 1 if a limit is not kept."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=5, help="of a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the batch; 0: none")
    parser.add_argument("--soak", type=float, default=0, metavar="MINUTES")
    parser.add_argument("--quick", action="store_true", help="only to see that it runs")
    options = parser.parse_args()
    if options.quick:
        options.seconds, options.rounds, options.rows = 1.0, 1, min(options.rows, 50_000)
    table = Table()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        os.environ["MODELDESK_WORKSPACE"] = str(Path(made) / "workspace")
        bench = Bench(Path(made))
        readiness(bench, table, 1 if options.quick else 5)
        one_row(bench, table, options.seconds, options.rounds)
        many_rows(bench)
        if options.rows:
            batch(bench, table, options.rows, options.rounds)
        if options.soak:
            soak(bench, table, options.soak)
    table.show()
    return int(table.missed)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _packed(trained: Trained, folder: Path) -> Path:
    return pack(trained.workspace, trained.file, folder, "people").package.folder


if __name__ == "__main__":
    sys.exit(main())

"""One row to an endpoint, and a million to a file, beside what a person would write by hand.

    python benchmarks/endpoint.py [--seconds 5] [--rows 1000000] [--soak MINUTES]

The same logistic regression behind indicator values and normalisation, the same client and
machine, loopback, one process a server. `mlflow models serve` takes part where mlflow's
scoring server is installed; Azure ML's inference server where the environment variable
BENCH_AZURE_PYTHON names a Python that has azureml-inference-server-http and numpy.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil

if __name__ == "__main__":
    _root = Path(__file__).resolve().parents[1]
    sys.path[:0] = [str(_root), str(_root / "tests" / "serving")]

from serving_examples import azure_request, people, train

from designer.serving import Endpoints
from designer.serving.deploying import deploy

ROOT = Path(__file__).resolve().parents[1]
CONNECTIONS = (1, 8)

BY_HAND = '''\
"""A service as a person would write it: FastAPI, pydantic, pandas, a scikit-learn Pipeline."""
import sys
import joblib
import pandas as pd
import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

model = joblib.load(sys.argv[1])
app = FastAPI()
bearer = HTTPBearer()

class Row(BaseModel):
    age: int
    price: float
    town: str
    member: bool

class Rows(BaseModel):
    rows: list[Row]

@app.post("/score")
async def score(body: Rows, key: HTTPAuthorizationCredentials = Depends(bearer)):
    if key.credentials != "key-of-the-benchmark":
        raise HTTPException(401)
    frame = pd.DataFrame([row.model_dump() for row in body.rows])
    shares = model.predict_proba(frame)
    labels = model.classes_[shares.argmax(axis=1)]
    return [
        {**row.model_dump(), "Scored Labels": label, "Scored Probabilities": float(share)}
        for row, label, share in zip(body.rows, labels, shares[:, 1])
    ]

uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")
'''

PLAIN_BATCH = """\
import sys
import joblib
import pandas as pd
model = joblib.load(sys.argv[1])
frame = pd.read_csv(sys.argv[2])
shares = model.predict_proba(frame[["age", "price", "town", "member"]])
frame["Scored Labels"] = model.classes_[shares.argmax(axis=1)]
frame["Scored Probabilities"] = shares[:, 1]
frame.to_csv(sys.argv[3], index=False)
"""

OUR_BATCH = """\
import sys
from pathlib import Path
from designer.serving.batch import score_file
score_file(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
"""


class Caller(asyncio.Protocol):
    """A connection that sends the same request again and again."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.buffer = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.send()

    def send(self) -> None:
        self.sent = time.perf_counter()
        self.transport.write(self.load.request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        if len(body) < length:
            return
        now = time.perf_counter()
        self.load.times.append(now - self.sent)
        self.load.errors += b" 200 " not in head[:16]
        self.load.answer, self.buffer = body, b""
        if now > self.load.end:
            self.transport.close()
            self.load.leave()
        elif b"connection: close" in head.lower():
            self.transport.close()
            self.load.connect()
        else:
            self.send()


class Load:
    """Some connections that ask a server for some seconds."""

    def __init__(self, port: int, request: bytes, connections: int, seconds: float) -> None:
        self.port, self.request, self.connections = port, request, connections
        self.seconds = seconds
        self.times: list[float] = []
        self.errors = 0
        self.answer = b""

    async def run(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.done = asyncio.Event()
        self.running = self.connections
        self.end = time.perf_counter() + self.seconds
        for _ in range(self.connections):
            self.connect()
        await asyncio.wait_for(self.done.wait(), self.seconds + 30)

    def connect(self) -> None:
        self.pending = asyncio.ensure_future(
            self.loop.create_connection(lambda: Caller(self), "127.0.0.1", self.port)
        )

    def leave(self) -> None:
        self.running -= 1
        if not self.running:
            self.done.set()


def measure(port: int, request: bytes, connections: int, seconds: float) -> dict[str, float]:
    """Return requests a second and latencies in milliseconds."""
    asyncio.run(Load(port, request, connections, 1.0).run())
    load = Load(port, request, connections, seconds)
    asyncio.run(load.run())
    times = np.array(load.times) * 1000
    if load.errors:
        raise SystemExit(f"{load.errors} errors: {load.answer[:300]!r}")
    return {
        "rps": len(times) / seconds,
        "p50": float(np.quantile(times, 0.5)),
        "p99": float(np.quantile(times, 0.99)),
    }


def request_bytes(path: str, document: object, key: str) -> bytes:
    body = json.dumps(document).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(
    command: list[str], port: int, *, patience: float = 60, **options: Any
) -> Iterator[float]:
    """Run a server; give the seconds until it listens."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options
    )
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.perf_counter() - started > patience:
                    raise SystemExit(f"It did not start: {' '.join(command)}") from None
                time.sleep(0.01)
        yield time.perf_counter() - started
    finally:
        if process.poll() is None:
            for each in psutil.Process(process.pid).children(recursive=True):
                each.terminate()
            process.terminate()
            process.wait(20)


def fit_by_hand(folder: Path) -> Path:
    """Fit the same model as a scikit-learn Pipeline."""
    import joblib
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    frame = people()
    columns = ColumnTransformer(
        [
            ("town", OneHotEncoder(handle_unknown="ignore"), ["town"]),
            ("numbers", StandardScaler(), ["age", "price"]),
            ("member", "passthrough", ["member"]),
        ]
    )
    model = make_pipeline(columns, LogisticRegression())
    model.fit(frame.drop(columns="income"), frame["income"])
    joblib.dump(model, folder / "model.joblib")
    (folder / "by_hand.py").write_text(BY_HAND)
    return folder / "model.joblib"


def show(name: str, found: dict[int, dict[str, float]], ready: float) -> None:
    parts = [
        f"c={c}: {each['rps']:7.0f}/s  p50 {each['p50']:6.2f}  p99 {each['p99']:6.2f} ms"
        for c, each in found.items()
    ]
    print(f"{name:<28} ready {ready:4.2f} s   {'   '.join(parts)}", flush=True)


def one_row(folder: Path, seconds: float, soak: float) -> None:
    trained = train(folder)
    made = deploy(trained.workspace, trained.file, "people")
    endpoints = Endpoints(trained.workspace)
    package = endpoints.package("people")
    endpoints.stop("people")
    row = trained.rows[0]
    results: dict[str, dict[int, dict[str, float]]] = {}

    def run(
        name: str,
        command: Callable[[int], list[str]],
        request: bytes,
        **options: Any,
    ) -> None:
        port = free_port()
        with served(command(port), port, **options) as ready:
            results[name] = {c: measure(port, request, c, seconds) for c in CONNECTIONS}
            show(name, results[name], ready)

    keys = str(endpoints.folder("people") / "keys.json")
    ours = request_bytes("/score", azure_request(row), made.key)

    def our_command(port: int) -> list[str]:
        start = [sys.executable, "-P", "-m", "modules.endpoint", str(package)]
        return [*start, "--port", str(port), "--key-file", keys]

    environment = os.environ | {"PYTHONPATH": str(package), "OPENBLAS_NUM_THREADS": "1"}
    model = fit_by_hand(folder)
    run("ModelDesk", our_command, ours, env=environment)
    run(
        "FastAPI and scikit-learn",
        lambda port: [sys.executable, str(folder / "by_hand.py"), str(model), str(port)],
        request_bytes("/score", {"rows": [row]}, "key-of-the-benchmark"),
        env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    azure = os.environ.get("BENCH_AZURE_PYTHON")
    if azure:
        app = "azureml_inference_server_http.server.entry:app"
        variables = {"AML_APP_ROOT": str(package), "AZUREML_ENTRY_SCRIPT": "score.py"}
        run(
            "Azure ML inference server",
            lambda port: [azure, "-m", "gunicorn", "-b", f"127.0.0.1:{port}", app],
            ours,
            env=os.environ | variables | {"AZUREML_MODEL_DIR": str(package / "model")},
            cwd=package,
        )
    if made.model:
        from designer.tracking.registry import download

        place = str(download(trained.workspace, "people"))
        split = {"columns": list(row), "data": [list(row.values())]}
        serve = [sys.executable, "-m", "mlflow", "models", "serve", "-m", place]
        serve += ["--env-manager", "local", "--workers", "1"]
        # It starts uvicorn by its name.
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        run(
            "mlflow models serve",
            lambda port: [*serve, "--port", str(port)],
            request_bytes("/invocations", {"dataframe_split": split}, ""),
            env=os.environ | {"PYTHONPATH": str(ROOT), "PATH": path},
        )
    base = results["ModelDesk"]
    for name, found in results.items():
        if name != "ModelDesk":
            ratios = "  ".join(
                f"c={c}: {base[c]['rps'] / found[c]['rps']:.1f} × the requests, "
                f"p99 {base[c]['p99'] / found[c]['p99']:.2f} ×"
                for c in CONNECTIONS
            )
            print(f"against {name}: {ratios}", flush=True)
    if soak:
        port = free_port()
        with served(our_command(port), port, env=environment):
            measure(port, ours, 8, 5)
            mine = next(p for p in psutil.net_connections("inet") if p.laddr[1] == port and p.pid)
            before = psutil.Process(mine.pid).memory_info().rss
            found = measure(port, ours, 8, soak * 60)
            after = psutil.Process(mine.pid).memory_info().rss
        print(
            f"{soak:g} minutes at full load: {found['rps']:.0f}/s, p99 {found['p99']:.2f} ms, no "
            f"error, memory {before / 1e6:.1f} -> {after / 1e6:.1f} MB"
        )


def batch(folder: Path, rows: int) -> None:
    package = next((folder / "workspace" / "endpoints").glob("*/versions/1"))
    data = folder / "large.csv"
    people(rows, seed=3).drop(columns="income").to_csv(data, index=False)
    (folder / "plain.py").write_text(PLAIN_BATCH)
    (folder / "ours.py").write_text(OUR_BATCH)
    commands = {
        "plain script": ["plain.py", "model.joblib", str(data), "plain.csv"],
        "ModelDesk": ["ours.py", str(package), str(data), "ours.csv"],
    }
    best: dict[str, float] = {}
    for _ in range(3):
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
    ratio = best["ModelDesk"] / best["plain script"]
    shown = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in best.items())
    print(f"{rows:,} rows from file to file: {shown}: {ratio:.2f} ×")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--soak", type=float, default=0, metavar="MINUTES")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        os.environ["MODELDESK_WORKSPACE"] = str(Path(made) / "workspace")
        one_row(Path(made), options.seconds, options.soak)
        if options.rows:
            batch(Path(made), options.rows)


if __name__ == "__main__":
    main()

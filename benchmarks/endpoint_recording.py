"""What recording requests costs an endpoint: processor time and requests per second.

    python benchmarks/endpoint_recording.py [SHARE]

The endpoint's own application answers the same request with and without recording a share of
the requests, by default a tenth; rounds take turns in one process, and the writing of the files
counts. Without a network the share is larger than a client sees.
"""

from __future__ import annotations

import asyncio
import gc
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

if __name__ == "__main__":
    _root = Path(__file__).resolve().parents[1]
    sys.path[:0] = [str(_root), str(_root / "tests" / "deployment")]

from serving_examples import azure_request, train

from designer.deployment.deploying import pack
from modules.endpoint.application import Application
from modules.endpoint.keys import Keys
from modules.endpoint.recorder import Recorder
from modules.endpoint.server import load_package

REQUESTS = 20_000
ROUNDS = 7
SHARE = 0.1


async def ask(application: Application, body: bytes) -> None:
    """Send the request many times, one after the other."""
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": "/score",
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1"), (b"content-length", str(len(body)).encode())],
    }

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    statuses: set[object] = set()

    async def send(message: dict[str, object]) -> None:
        statuses.add(message.get("status", 200))

    for _ in range(REQUESTS):
        await application(scope, receive, send)
    assert statuses == {200}, statuses


def main() -> None:
    """Print the ratio, and what a request costs more."""
    share = float(sys.argv[1]) if len(sys.argv) > 1 else SHARE
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "people").mkdir()
        trained = train(folder / "people")
        packed = pack(trained.workspace, trained.file, folder / "package", "people")
        service = load_package(packed.package.folder)
        application = Application(service, Keys())
        body = json.dumps(azure_request(trained.rows[0])).encode()
        ratios = []
        rates: dict[bool, list[float]] = {False: [], True: []}
        # As in an endpoint: what is loaded, the recorder's libraries too, isn't looked at again.
        import pyarrow.parquet  # noqa: F401

        asyncio.run(ask(application, body))
        gc.collect()
        gc.freeze()
        for number in range(ROUNDS):
            seconds = {}
            for recorded in (False, True) if number % 2 else (True, False):
                began = time.process_time()
                if recorded:
                    service.recorder = Recorder(
                        folder / "records", share, 30, (), service.scorer.inputs
                    )
                asyncio.run(ask(application, body))
                if service.recorder is not None:
                    service.recorder.close()
                    service.recorder = None
                seconds[recorded] = time.process_time() - began
                rates[recorded].append(REQUESTS / seconds[recorded])
            ratios.append(seconds[True] / seconds[False])
    cost = statistics.median(ratios) - 1
    without, recording = (statistics.median(rates[each]) for each in (False, True))
    print(f"Requests a second of processor time: {without:,.0f} without, {recording:,.0f} with.")
    more = 1e6 * (1 / recording - 1 / without)
    print(f"Recording {share:g} of them costs {cost:+.1%}, or {more:.1f} µs for each request.")


if __name__ == "__main__":
    main()

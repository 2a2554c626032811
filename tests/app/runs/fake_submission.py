"""Stands in for the program that submits: speaks the same lines, without Azure ML.

Run as a program with a folder as its only argument, where it writes what it was asked for.
The name of the experiment says how the run goes.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from designer.app.background.wire import event_to_json
from designer.engine import events
from designer.engine.results import NodeResult, RunResult
from designer.pipeline.file import loads
from designer.workspace import Workspace


def tell(message: dict) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def main(folder: Path) -> None:
    request = json.loads(sys.stdin.readline())
    (folder / "request.json").write_text(json.dumps(request))
    if request["do"] == "computes":
        tell({"say": "Open https://example.invalid/code and enter ABC."})
        tell({"computes": {"cpu-cluster": "AmlCompute", "gpu": "AmlCompute"}})
        return
    if request["do"] == "follow":
        bring_back(request)
        return
    how = request["destination"]["experiment"]
    if request["do"] == "publish" and not how:
        tell({"made": {"name": request["endpoint"]}, "told": f"Published {request['endpoint']}."})
        return
    if how == "refused":
        tell({"error": {"message": "The sign-in has expired.", "hint": "Sign in again."}})
        return
    if how == "broken":
        sys.exit(3)
    if how == "waits":
        tell({"say": "Enter the code ABC."})
        sys.stdin.readline()
        tell({"result": None})
        return
    run(request, how)


def run(request: dict, how: str) -> None:
    pipeline = loads(request["pipeline"])
    workspace = Workspace(Path(request["workspace"]))
    run_id, place = workspace.new_run()
    (place / "pipeline.json").write_text(request["pipeline"])
    tell({"submitted": {"run": run_id, "folder": str(place), "remote": "r-1", "url": "https://x"}})
    nodes = tuple(pipeline.nodes)
    tell(event_to_json(events.RunStarted(run=run_id, nodes=nodes)))
    logs = place / "logs"
    logs.mkdir()
    results = {}
    status = "completed"
    for node in nodes:
        tell(event_to_json(events.Running(run=run_id, node=node)))
        tell(event_to_json(events.LogLine(run=run_id, node=node, text=f"far away in {node}")))
        (logs / f"{node}.log").write_text(f"far away in {node}\n")
        if how == "long":
            # Until the person cancels, or nobody listens any more.
            line = sys.stdin.readline()
            (place / "wish").write_text(line)
            status = "cancelled"
            tell(event_to_json(events.Cancelled(run=run_id, node=node)))
            results[node] = NodeResult("cancelled")
            break
        tell(event_to_json(events.Completed(run=run_id, node=node, seconds=0.5, outputs={})))
        results[node] = NodeResult("completed", 0.5, log=logs / f"{node}.log")
    result = RunResult(run_id, status, 1.0, results)
    record = result.to_json() | {
        "started": time.time(),
        "source": request["source"],
        "azure": {"target": request["destination"]["target"], "run": "r-1"},
    }
    source = Path(request["source"]) if request["source"] else None
    workspace.remember_run(run_id, record, source)
    tell({"result": result.to_json()})


def bring_back(request: dict) -> None:
    """Bring a run back whose nodes have all completed."""
    workspace = Workspace(Path(request["workspace"]))
    run_id = request["run"]
    place = workspace.run_folder(run_id)
    nodes = tuple(loads((place / "pipeline.json").read_text()).nodes)
    tell({"submitted": {"run": run_id, "folder": str(place), "remote": "r-1", "url": "https://x"}})
    tell(event_to_json(events.RunStarted(run=run_id, nodes=nodes)))
    for node in nodes:
        tell(event_to_json(events.Running(run=run_id, node=node)))
        tell(event_to_json(events.Completed(run=run_id, node=node, seconds=0.5, outputs={})))
    results = {node: NodeResult("completed", 0.5) for node in nodes}
    result = RunResult(run_id, "completed", 1.0, results)
    source = Path(json.loads((place / "azure.json").read_text())["source"])
    record = result.to_json() | {"started": time.time(), "source": str(source)}
    workspace.remember_run(run_id, record, source)
    tell({"result": result.to_json()})


if __name__ == "__main__":
    main(Path(sys.argv[1]))

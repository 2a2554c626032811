"""Stands in for the program that submits: speaks the same lines, without Azure ML.

Run as a program with a folder as its only argument, where it writes what it was asked for.
The name of the experiment says how the run goes.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from designer.app.background.wire import dump
from designer.engine import events
from designer.engine.results import NodeResult, RunResult
from designer.pipeline.file import loads
from designer.workspace import Workspace


def tell(message: dict) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def call(callback: str, *arguments: object) -> None:
    tell({"callback": callback, "arguments": [dump(each) for each in arguments]})


def main(folder: Path) -> None:
    request = json.loads(sys.stdin.readline())
    (folder / "request.json").write_text(json.dumps(request))
    job, arguments = request["function"].partition(":")[2], request["arguments"]
    if job == "computes":
        call("notify", "Open https://example.invalid/code and enter ABC.")
        tell({"result": {"cpu-cluster": "AmlCompute", "gpu": "AmlCompute"}})
        return
    if job == "follow":
        bring_back(arguments)
        return
    if job == "compile_files":
        Path(arguments["folder"]).mkdir()
        tell({"result": f"“{arguments['folder']}” contains 2 steps."})
        return
    how = arguments["order"]["compute_target"]["experiment"]
    if job == "publish" and not how:
        tell({"result": f"Published {arguments['endpoint']}."})
        return
    if how == "refused":
        tell({"error": {"message": "The sign-in has expired.", "hint": "Sign in again."}})
        return
    if how == "broken":
        sys.exit(3)
    if how == "lost":
        lose(arguments["order"])
        return
    if how == "waits":
        call("notify", "Enter the code ABC.")
        sys.stdin.readline()
        tell({"cancelled": True})
        return
    run(arguments["order"], how)


def run(order: dict, how: str) -> None:
    pipeline = loads(order["pipeline"])
    workspace = Workspace(Path(order["workspace"]))
    run_id, folder = workspace.new_run()
    (folder / "pipeline.json").write_text(order["pipeline"])
    call("on_submitted", run_id, folder, "https://x")
    nodes = tuple(pipeline.nodes)
    call("on_event", events.RunStarted(run=run_id, nodes=nodes))
    logs = folder / "logs"
    logs.mkdir()
    results = {}
    status = "completed"
    for node in nodes:
        call("on_event", events.Running(run=run_id, node=node))
        call("on_event", events.LogLine(run=run_id, node=node, text=f"far away in {node}"))
        (logs / f"{node}.log").write_text(f"far away in {node}\n")
        if how == "long":
            # Until the person cancels, or nobody listens any more.
            line = sys.stdin.readline()
            (folder / "wish").write_text(line)
            status = "cancelled"
            call("on_event", events.Cancelled(run=run_id, node=node))
            results[node] = NodeResult("cancelled")
            break
        call("on_event", events.Completed(run=run_id, node=node, seconds=0.5, outputs={}))
        results[node] = NodeResult("completed", 0.5, log=logs / f"{node}.log")
    result = RunResult(run_id, status, 1.0, results)
    record = result.to_json() | {
        "started": time.time(),
        "source": order["source"],
        "azure": {"target": order["compute_target"]["target"], "run": "r-1"},
    }
    source = Path(order["source"]) if order["source"] else None
    workspace.remember_run(run_id, record, source)
    tell({"result": dump(result)})


def lose(order: dict) -> None:
    """Send a run, and lose the connection for good."""
    run_id, folder = Workspace(Path(order["workspace"])).new_run()
    (folder / "pipeline.json").write_text(order["pipeline"])
    (folder / "azure.json").write_text(json.dumps({"source": order["source"]}))
    call("on_submitted", run_id, folder, "https://x")
    call("on_event", events.RunStarted(run=run_id, nodes=tuple(loads(order["pipeline"]).nodes)))
    call("notify", "Azure ML hasn't responded for 10 s.")
    tell({"error": {"message": "Azure can't be reached.", "hint": "Check the network."}})


def bring_back(arguments: dict) -> None:
    """Bring a run back whose nodes have all completed."""
    workspace = Workspace(Path(arguments["workspace"]))
    run_id = arguments["run"]
    folder = workspace.run_folder(run_id)
    nodes = tuple(loads((folder / "pipeline.json").read_text()).nodes)
    call("on_submitted", run_id, folder, "https://x")
    call("on_event", events.RunStarted(run=run_id, nodes=nodes))
    for node in nodes:
        call("on_event", events.Running(run=run_id, node=node))
        call("on_event", events.Completed(run=run_id, node=node, seconds=0.5, outputs={}))
    results = {node: NodeResult("completed", 0.5) for node in nodes}
    result = RunResult(run_id, "completed", 1.0, results)
    source = Path(json.loads((folder / "azure.json").read_text())["source"])
    record = result.to_json() | {"started": time.time(), "source": str(source)}
    workspace.remember_run(run_id, record, source)
    tell({"result": dump(result)})


if __name__ == "__main__":
    main(Path(sys.argv[1]))

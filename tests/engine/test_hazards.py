"""What may happen to an engine between its steps: no worker, many steps, bad moments."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from unending import posix, start_and_wait

from designer.engine import events
from modules.values import storage

TOYS = Path(__file__).parent / "toys"

PROGRAM = """
import json, sys
from pathlib import Path
from designer.catalog import load_catalog
from designer.engine import Engine
from designer.pipeline.model import Endpoint, Link, Node, Pipeline
from designer.workspace import Workspace

folder, toys = map(Path, sys.argv[1:])
pipeline = Pipeline(
    nodes={name: Node(name, module) for name, module in zip("nam", ("numbers", "add", "numbers"))},
    links=(Link(Endpoint("n", "numbers"), Endpoint("a", "first")),),
)
if __name__ == "__main__":
    with Engine(Workspace(folder / "workspace"), load_catalog(toys), workers=2) as engine:
        sys.path.insert(0, str(folder / "broken"))
        first = engine.start(pipeline, base=folder).wait(60)
        sys.path.pop(0)
        second = engine.start(pipeline, base=folder).wait(60)
    print(json.dumps([first.to_json(), second.to_json()]))
"""


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:resource_tracker")
def test_workers_that_end_when_they_start_fail_the_run_in_words(tmp_path):
    # As with a broken library: whatever Python is started ends before it can say a word.
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "sitecustomize.py").write_text("import os\nos._exit(13)\n")
    # In a program of its own: workers are forked from a process that others have started.
    (tmp_path / "program.py").write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "program.py"), str(tmp_path), str(TOYS)],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        check=True,
        timeout=180,
    )
    result, again = json.loads(done.stdout)
    assert result["status"] == "failed"
    assert result["nodes"]["n"]["error"]["message"] == "The workers end when they start."
    assert result["nodes"]["a"]["status"] == "skipped"
    # As soon as the trouble is over, the same engine works.
    assert again["status"] == "completed"


@pytest.mark.long
def test_five_hundred_steps_at_once(new_engine, build, tmp_path, recorder):
    count = 500
    pipeline = build(
        {"n": "numbers", **{f"a{number}": ("add", {"amount": number}) for number in range(count)}},
        *(f"n.numbers > a{number}.first" for number in range(count)),
    )
    engine = new_engine(workers=2)
    threads = threading.active_count()
    files = psutil.Process().num_fds() if os.name != "nt" else 0
    result = engine.run(pipeline, base=tmp_path, on_event=recorder)
    assert result.status == "completed"
    for number in (0, 250, count - 1):
        frame = storage.load(result.nodes[f"a{number}"].outputs["sums"].path).frame
        assert frame["x"].tolist() == [number, number + 1, number + 2]
    assert len(recorder.of(events.Completed)) == count + 1
    # A step leaves neither a thread nor an open file behind.
    assert threading.active_count() - threads < 30
    if os.name != "nt":
        assert psutil.Process().num_fds() - files < 60


@posix
def test_cancelling_while_results_are_written_leaves_nothing_half_written(
    new_engine, build, tmp_path
):
    rows = 4_000_000
    pipeline = build(
        {"n": ("numbers", {"rows": rows}), "b": ("busy", {"note": str(tmp_path / "note")})},
        "n.numbers > b.table",
    )
    engine = new_engine(workers=1)
    handle = start_and_wait(engine, pipeline, tmp_path)
    handle.cancel()
    result = handle.wait(10)
    assert result is not None
    assert result.status == "cancelled"
    assert result.nodes["b"].status == "cancelled"
    again = engine.run(build({"n": ("numbers", {"rows": rows})}), base=tmp_path)
    # Either all of it was stored, or nothing of it counts.
    stored = result.nodes["n"].status == "completed"
    assert again.nodes["n"].status == ("reused" if stored else "completed")
    assert len(storage.load(again.nodes["n"].outputs["numbers"].path).frame) == rows
    engine.close()
    unfinished = list((engine.workspace.store_folder / "unfinished").glob("*"))
    assert unfinished == []


def test_a_store_over_its_limit_keeps_what_a_run_of_another_engine_needs(
    new_engine, build, tmp_path
):
    first = new_engine(workers=1)
    first.workspace.change_settings(store_limit=1)
    other = new_engine(workers=1)
    note = tmp_path / "note"
    pipeline = build(
        {"n": "numbers", "b": ("busy", {"note": str(note), "what": "sleep"})}, "n.numbers > b.table"
    )
    handle = start_and_wait(first, pipeline, tmp_path, stored="n")
    # The other's run ends, and tidies up.
    assert other.run(build({"m": ("numbers", {"start": 5})}), base=tmp_path).status == "completed"
    entries = list((first.workspace.store_folder).glob("entries/*/*"))
    assert len(entries) == 1
    handle.cancel()
    result = handle.wait(10)
    assert result.nodes["n"].status == "completed"


def test_a_clock_that_is_set_back_does_no_harm(new_engine, build, tmp_path, monkeypatch):
    pipeline = build({"n": "numbers", "a": "add"}, "n.numbers > a.first")
    engine = new_engine(workers=1)
    assert engine.run(pipeline, base=tmp_path).status == "completed"
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() - 400 * 24 * 3600)
    result = engine.run(pipeline, base=tmp_path)
    assert {node.status for node in result.nodes.values()} == {"reused"}
    assert 0 <= result.seconds < 60
    result = engine.run(pipeline, base=tmp_path, reuse=False)
    assert result.status == "completed"
    assert all(node.seconds >= 0 for node in result.nodes.values())

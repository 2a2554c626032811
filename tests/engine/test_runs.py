"""What a run does and says, on toy modules in real worker processes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from designer.engine import RunResult, events
from designer.pipeline.model import Node, PipelineParameter
from modules.values import storage


def frame(result: RunResult, node: str, port: str):
    return storage.load(result.nodes[node].outputs[port].path).frame


DIAMOND = (
    {"a": "numbers", "b": "add", "c": ("add", {"amount": 5}), "d": "add", "m": "measure"},
    "a.numbers > b.first",
    "a.numbers > c.first",
    "b.sums > d.first",
    "c.sums > d.second",
    "d.sums > m.table",
)


def test_values_flow_along_the_links(shared_engine, build, recorder):
    result = shared_engine.run(build(*DIAMOND), base=Path.cwd(), on_event=recorder)
    assert result.status == "completed"
    assert frame(result, "d", "sums")["x"].tolist() == [7, 9, 11]
    assert result.metrics == {"m": {"Sum": 27.0}}
    started = recorder.events[0]
    assert isinstance(started, events.RunStarted)
    assert set(started.nodes) == set("abcdm")
    assert isinstance(recorder.events[-2], events.RunFinished)
    assert isinstance(recorder.events[-1], events.RunRecorded)
    assert recorder.kinds("d") == ["Queued", "Running", "Completed"]
    assert recorder.of(events.Completed, "d")[0].outputs == result.nodes["d"].outputs
    output = result.nodes["d"].outputs["sums"]
    assert (output.type, output.rows, output.columns) == ("DataTable", 3, 1)


def test_the_json_document_is_the_one_of_the_design_and_reads_back(shared_engine, build):
    result = shared_engine.run(build(*DIAMOND), base=Path.cwd())
    document = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert set(document) == {"run", "status", "seconds", "nodes", "metrics"}
    node = document["nodes"]["d"]
    assert {"status", "seconds", "outputs"} <= set(node)
    assert set(node["outputs"]["sums"]) == {"type", "path", "rows", "columns"}
    assert RunResult.from_json(document).to_json() == document


def test_run_to_here_runs_what_is_needed_and_nothing_else(shared_engine, build):
    result = shared_engine.run(build(*DIAMOND), base=Path.cwd(), to="b")
    assert list(result.nodes) == ["a", "b"]
    assert result.status == "completed"


def test_a_disabled_step_takes_along_only_what_requires_it(shared_engine, build):
    pipeline = build(
        {
            "a": "numbers",
            "off": Node("off", "add", disabled=True),
            "needs": "add",
            "may": "add",
            "after": "measure",
        },
        "a.numbers > off.first",
        "off.sums > needs.first",
        "a.numbers > may.first",
        "off.sums > may.second",
        "needs.sums > after.table",
    )
    result = shared_engine.run(pipeline, base=Path.cwd())
    statuses = {node: found.status for node, found in result.nodes.items()}
    assert (
        statuses
        == {
            "a": "completed",
            "off": "skipped",
            "needs": "skipped",
            "may": "completed",
            "after": "skipped",
        }
        or statuses["a"] == "reused"
    )
    assert result.status == "completed"
    assert result.nodes["needs"].reason == "“off” is disabled."
    assert frame(result, "may", "sums")["x"].tolist() == [1, 2, 3]


@pytest.mark.parametrize("present", [True, False])
def test_an_absent_output_skips_only_what_requires_it(shared_engine, build, present):
    pipeline = build(
        {
            "a": "numbers",
            "m": ("maybe", {"present": present}),
            "needs": "add",
            "may": "add",
        },
        "a.numbers > m.table",
        "m.value > needs.first",
        "a.numbers > may.first",
        "m.value > may.second",
    )
    result = shared_engine.run(pipeline, base=Path.cwd())
    assert result.status == "completed"
    assert frame(result, "may", "sums")["x"].tolist() == ([1, 3, 5] if present else [1, 2, 3])
    assert (result.nodes["needs"].status == "skipped") is not present
    if not present:
        assert result.nodes["needs"].reason == "“m” has no output “value”."


def test_pipeline_parameters_are_put_in(shared_engine, build):
    pipeline = build(
        {"n": ("numbers", {"rows": {"$parameter": "rows"}})},
        parameters={"rows": PipelineParameter("rows", "integer", 2)},
    )
    assert len(frame(shared_engine.run(pipeline, base=Path.cwd()), "n", "numbers")) == 2
    result = shared_engine.run(pipeline, base=Path.cwd(), parameters={"rows": 5})
    assert len(frame(result, "n", "numbers")) == 5
    with pytest.raises(ValueError, match="no parameter “row”"):
        shared_engine.run(pipeline, base=Path.cwd(), parameters={"row": 5})


def test_a_pipeline_parameter_without_a_value_is_asked_for(shared_engine, build):
    pipeline = build(
        {"n": ("numbers", {"rows": {"$parameter": "rows"}})},
        parameters={"rows": PipelineParameter("rows", "integer")},
    )
    error = shared_engine.run(pipeline, base=Path.cwd()).nodes["n"].error
    assert error["message"] == "The pipeline parameter “rows” has no value."
    assert error["parameter"] == "rows"
    result = shared_engine.run(pipeline, base=Path.cwd(), parameters={"rows": 1})
    assert result.status == "completed"


def test_a_condition_sees_the_value_of_a_pipeline_parameter(shared_engine, build, tmp_path):
    pipeline = build(
        {"n": "numbers", "c": ("choose", {"mode": {"$parameter": "how"}, "count": 2})},
        "n.numbers > c.table",
        parameters={"how": PipelineParameter("how", "text", "all")},
    )
    assert len(frame(shared_engine.run(pipeline, base=tmp_path), "c", "value")) == 3
    some = shared_engine.run(pipeline, base=tmp_path, parameters={"how": "some"})
    assert len(frame(some, "c", "value")) == 2


def test_a_secret_reaches_the_module_and_nothing_else(new_engine, build, tmp_path, monkeypatch):
    monkeypatch.setenv("MODELDESK_SECRET_BANK", "hunter2-hunter2")
    pipeline = build({"s": ("tell_secret", {"key": {"$secret": "bank"}})})
    engine = new_engine()
    result = engine.run(pipeline, base=tmp_path)
    assert frame(result, "s", "length")["x"].tolist() == [15]
    for path in engine.workspace.folder.rglob("*"):
        assert not path.is_file() or b"hunter2" not in path.read_bytes()


def test_what_is_wrong_with_one_step_fails_that_step_alone(shared_engine, build):
    pipeline = build(
        {
            "good": "numbers",
            "unknown": "no_such_module",
            "wrong": ("numbers", {"rows": -1}),
            "extra": ("numbers", {"colour": "red"}),
            "bare": "add",
            "gone": ("read_lines", {"path": "no such file.txt"}),
            "after": "add",
        },
        "wrong.numbers > after.first",
    )
    result = shared_engine.run(pipeline, base=Path.cwd())
    assert result.status == "failed"
    assert result.nodes["good"].status in ("completed", "reused")
    errors = {node: found.error for node, found in result.nodes.items() if found.error}
    assert errors["unknown"]["code"] == "module-unknown"
    assert errors["wrong"]["parameter"] == "rows"
    assert "-1" in errors["wrong"]["message"]
    assert errors["extra"]["parameter"] == "colour"
    assert errors["bare"]["port"] == "first"
    assert errors["gone"]["parameter"] == "path"
    assert result.nodes["after"].status == "skipped"
    assert result.nodes["after"].reason == "“wrong” failed."


def test_a_cycle_is_refused_in_one_sentence(shared_engine, build):
    pipeline = build({"a": "add", "b": "add"}, "a.sums > b.first", "b.sums > a.first")
    with pytest.raises(ValueError, match="cycle"):
        shared_engine.run(pipeline, base=Path.cwd())


def test_independent_steps_run_at_the_same_time(shared_engine, build, tmp_path, recorder):
    one, two = str(tmp_path / "one"), str(tmp_path / "two")
    pipeline = build(
        {
            "n": "numbers",
            "left": ("meet", {"mine": one, "other": two}),
            "right": ("meet", {"mine": two, "other": one}),
        },
        "n.numbers > left.table",
        "n.numbers > right.table",
    )
    result = shared_engine.run(pipeline, base=tmp_path, on_event=recorder)
    assert result.status == "completed"
    begun = [recorder.of(events.Running, node)[0].time for node in ("left", "right")]
    ended = [recorder.of(events.Completed, node)[0].time for node in ("left", "right")]
    assert max(begun) < min(ended)


def test_threads_are_shared_between_steps_that_can_run_at_once(shared_engine, build, tmp_path):
    from designer.engine.plan import core_count

    alone = shared_engine.run(build({"t": "threads"}), base=tmp_path, reuse=False)
    assert set(frame(alone, "t", "value")["x"]) == {core_count()}
    assert alone.nodes["t"].threads == core_count()
    pair = shared_engine.run(build({"t": "threads", "u": "threads"}), base=tmp_path, reuse=False)
    share = max(1, core_count() // 2)
    assert {*frame(pair, "t", "value")["x"], *frame(pair, "u", "value")["x"]} == {share}


def test_a_worker_has_no_qt_leads_its_group_and_works_in_the_pipelines_folder(
    shared_engine, build, tmp_path
):
    result = shared_engine.run(build({"w": "where"}), base=tmp_path)
    row = frame(result, "w", "value").iloc[0]
    assert row["x"] != os.getpid()
    assert row["folder"] == str(tmp_path)
    assert not row["qt"]
    assert row["leads"]


def test_a_script_gets_a_value_of_its_own(shared_engine, build, tmp_path):
    source = "table.loc[0, 'x'] = 99\n"
    pipeline = build(
        {"n": "numbers", "s": ("script", {"source": source}), "a": "add"},
        "n.numbers > s.table",
        "n.numbers > a.first",
    )
    result = shared_engine.run(pipeline, base=tmp_path, reuse=False)
    assert frame(result, "s", "result")["x"].tolist() == [99, 1, 2]
    assert frame(result, "a", "sums")["x"].tolist() == [1, 2, 3]
    assert frame(result, "n", "numbers")["x"].tolist() == [0, 1, 2]


def test_a_run_leaves_its_record_its_pipeline_and_its_logs(shared_engine, build, tmp_path):
    from designer.pipeline.file import dumps

    source = tmp_path / "toy.pipeline.json"
    pipeline = build({"t": ("talk", {"text": "good morning"})})
    result = shared_engine.run(pipeline, base=tmp_path, source=source, reuse=False)
    assert shared_engine.workspace.latest_run(source) == result.id
    record = shared_engine.workspace.run_record(result.id)
    assert {key: record[key] for key in result.to_json()} == result.to_json()
    folder = shared_engine.workspace.run_folder(result.id)
    assert (folder / "pipeline.json").read_text("utf-8") == dumps(pipeline)
    assert result.nodes["t"].log.read_text() == "good morning\n"
    assert result.nodes["t"].log.is_relative_to(folder)


def test_progress_is_told(shared_engine, build, tmp_path, recorder):
    shared_engine.run(build({"p": "progresses"}), base=tmp_path, reuse=False, on_event=recorder)
    told = [(event.fraction, event.text) for event in recorder.of(events.Progress, "p")]
    assert told == [(0.25, "a quarter"), (1.0, "all")]


def test_a_listener_that_fails_does_not_harm_the_run(shared_engine, build, tmp_path, caplog):
    def fail(event: events.Event) -> None:
        raise RuntimeError("no")

    pipeline = build({"n": "numbers"})
    assert shared_engine.run(pipeline, base=tmp_path, on_event=fail).status == "completed"
    assert "listener failed" in caplog.text


def test_a_call_for_a_view_runs_in_another_process(shared_engine):
    assert shared_engine.call(os.getpid).result(30) != os.getpid()
    assert shared_engine.call(divmod, 7, 2).result(30) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        shared_engine.call(divmod, 7, 0).result(30)


def test_an_empty_pipeline_completes(shared_engine, build):
    result = shared_engine.run(build({}), base=Path.cwd())
    assert (result.status, dict(result.nodes)) == ("completed", {})


def test_workers_don_t_run_an_older_source_than_the_one_that_counts(build, tmp_path):
    import importlib

    from designer.catalog import load_catalog
    from designer.engine import Engine
    from designer.workspace import Workspace

    own = tmp_path / "own"
    own.mkdir()
    text = (
        "from modules.contract import DataTable, module\n"
        "@module('Answer', outputs=('value',))\n"
        "def answer() -> DataTable:\n"
        '    """Give the answer."""\n'
        "    import pandas as pd\n"
        "    return DataTable(pd.DataFrame({'x': [NUMBER]}))\n"
    )
    (own / "answer.py").write_text(text.replace("NUMBER", "41"))
    importlib.invalidate_caches()
    with Engine(Workspace(tmp_path / "w"), load_catalog(own), workers=1) as engine:
        pipeline = build({"a": "answer"})
        assert frame(engine.run(pipeline, base=tmp_path), "a", "value")["x"].tolist() == [41]
        (own / "answer.py").write_text(text.replace("NUMBER", "42 + 0"))
        assert frame(engine.run(pipeline, base=tmp_path), "a", "value")["x"].tolist() == [42]


@pytest.mark.long
def test_a_program_that_forgets_to_close_the_engine_ends(tmp_path):
    import subprocess
    import sys

    program = tmp_path / "program.py"
    program.write_text(
        f"""
from pathlib import Path
from designer.catalog import load_catalog
from designer.engine import Engine
from designer.pipeline.model import Node, Pipeline
from designer.workspace import Workspace
if __name__ == "__main__":
    engine = Engine(Workspace(Path({str(tmp_path / "w")!r})), load_catalog(), workers=1)
    pipeline = Pipeline(nodes={{"l": Node("l", "linear_regression")}})
    print(engine.run(pipeline, base=Path.cwd()).status)
"""
    )
    done = subprocess.run(
        [sys.executable, str(program)],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "completed\n", "")

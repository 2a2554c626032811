"""A step that needs too much memory fails alone, with a sentence, before the computer suffers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from designer.engine.calls import Calls, MemoryLimitError
from designer.engine.executors.memory_watch import memory_watch
from designer.pipeline.file import write
from designer.pipeline.model import Endpoint

ROOT = Path(__file__).parents[2]

LIMIT = 900_000_000
GREEDY = """
import numpy
def azureml_main(a=None, b=None):
    kept = [numpy.ones(5_000_000) for _ in range(1_000)]
"""
GREEDY_CHILD = """
import subprocess, sys
def azureml_main(a=None, b=None):
    subprocess.run([sys.executable, "-c", "x = [b'x' * 20_000_000 for _ in range(2_000)]"])
"""
MODEST = """
import numpy, pandas
def azureml_main(a=None, b=None):
    return pandas.DataFrame({"sum": [numpy.ones(20_000_000).sum()]}),
"""
LARGE = "select hex(zeroblob(450000000)) as x from t1, t1 as t2, t1 as t3"
ENDLESS = "with recursive n(i) as (select 1 union all select i + 1 from n) select "


def pipeline(build, script: str):
    return build(
        {
            "greedy": ("execute_python_script", {"script": script}),
            "modest": ("execute_python_script", {"script": MODEST}),
        }
    )


@pytest.mark.parametrize("script", [GREEDY, pytest.param(GREEDY_CHILD, marks=pytest.mark.long)])
def test_a_greedy_step_fails_alone(new_engine, build, tmp_path, script):
    engine = new_engine(workers=1, memory_limit=LIMIT)
    result = engine.run(pipeline(build, script), base=tmp_path)
    assert result.nodes["greedy"].error == {
        "code": "out-of-memory",
        "message": "“greedy” needed more than 0.9 GB of memory.",
        "hint": "Use fewer rows or columns, or raise the memory limit per step.",
    }
    assert result.nodes["modest"].status == "completed"


def test_what_a_worker_keeps_between_steps_is_not_watched(new_engine, build, tmp_path):
    """A worker is ended for what a step needs, not for results that it keeps for the next one."""
    engine = new_engine(workers=1, memory_limit=LIMIT)
    result = engine.run(
        build({"modest": ("execute_python_script", {"script": MODEST})}), base=tmp_path
    )
    assert result.status == "completed"
    # Others of this process may watch their own workers meanwhile.
    watching = [each for each in memory_watch._busy if each.limit == LIMIT]
    assert not watching


@pytest.mark.long
def test_a_greedy_step_has_no_sample_and_is_not_tried_again(new_engine, build, tmp_path):
    engine = new_engine(memory_limit=LIMIT)
    made = pipeline(build, GREEDY)
    for _ in range(2):
        sample = engine.sample(made, base=tmp_path, allow=["greedy", "modest"])
        (problem,) = sample.problems
        assert (problem.node, problem.severity) == ("greedy", "hint")
        assert problem.message == "“greedy” needed more than 0.9 GB of memory."
        assert [c.name for c in sample.columns[Endpoint("modest", "result_dataset")]] == ["sum"]


@pytest.mark.long
def test_the_limit_is_an_option_of_the_command(build, tmp_path):
    write(pipeline(build, GREEDY), tmp_path / "p.pipeline.json")
    command = ["run", "p.pipeline.json", "--memory-limit", "0.9", "--workspace", "w", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "designer", *command],
        env=os.environ | {"PYTHONPATH": str(ROOT), "MODELDESK_TRACKING": "off"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    nodes = json.loads(done.stdout)["nodes"]
    assert nodes["greedy"]["error"]["message"] == "“greedy” needed more than 0.9 GB of memory."
    assert nodes["modest"]["status"] == "completed"


@pytest.mark.long
def test_the_limit_is_a_setting_of_the_workspace(new_engine, build, tmp_path):
    engine = new_engine(workers=1)
    engine.workspace.change_settings(memory_limit=LIMIT)
    result = engine.run(pipeline(build, GREEDY), base=tmp_path)
    assert "0.9 GB" in result.nodes["greedy"].error["message"]


@pytest.mark.long
def test_a_table_that_is_mapped_from_the_store_does_not_count(new_engine, build, tmp_path):
    made = build(
        {
            "large": (
                "execute_python_script",
                {
                    "script": "import numpy, pandas\ndef azureml_main(a=None, b=None):\n"
                    "    return pandas.DataFrame({'x': numpy.arange(60_000_000)}),\n"
                },
            ),
        }
    )
    engine = new_engine(workers=1)
    entry = engine.run(made, base=tmp_path).nodes["large"].outputs["result_dataset"]
    calls = Calls("calls", tmp_path / "store", memory_limit=400_000_000)
    try:
        assert calls.call(_sum_of_mapped, str(entry.path)).result(120) == sum(range(60_000_000))
        with pytest.raises(MemoryLimitError, match=r"0\.4 GB"):
            calls.call(_use, 1_000_000_000).result(120)
        # The next call has a process of its own.
        assert calls.call(_use, 1_000).result(120) == 1_000
    finally:
        calls.close()


def _sum_of_mapped(folder: str) -> int:
    import pyarrow.compute

    from modules.contract.table_files import read_table

    table, _ = read_table(next(Path(folder).glob("*.arrow")))
    total: int = pyarrow.compute.sum(table.column(0)).as_py()
    return total


def _use(size: int) -> int:
    parts = []
    while sum(map(len, parts)) < size:
        parts.append(b"x" * min(size, 10_000_000))
    return sum(map(len, parts))


def sql(build, query: str):
    return build(
        {
            "data": ("enter_data_manually", {"data": "a\n1\n2\n3\n"}),
            "sql": ("apply_sql_transformation", {"query": query}),
        },
        "data.dataset > sql.t1",
    )


@pytest.mark.long
@pytest.mark.parametrize(
    "query",
    [
        LARGE,
        ENDLESS + "max(i) as x from n",
        "select max(a.a) as x from "
        + ", ".join(f"t1 as {letter}" for letter in "abcdefghijklmnopqrstu"),
    ],
)
def test_a_hostile_query_has_no_sample(shared_engine, build, tmp_path, query):
    (problem,) = shared_engine.sample(sql(build, query), base=tmp_path).problems
    assert problem.node == "sql"
    assert problem.severity == "hint"
    assert problem.message.startswith("The query takes too long, or its values are too large")


def test_an_endless_result_has_a_sample(shared_engine, build, tmp_path):
    made = sql(build, f"{ENDLESS} i as x from n; drop table t1; {ENDLESS} i as y from n")
    sample = shared_engine.sample(made, base=tmp_path)
    assert sample.problems == []
    assert [c.name for c in sample.columns[Endpoint("sql", "result_dataset")]] == ["y"]


@pytest.mark.long
def test_an_endless_result_ends_the_step(new_engine, build, tmp_path):
    engine = new_engine(workers=1, memory_limit=LIMIT)
    result = engine.run(sql(build, f"{ENDLESS} i as x from n"), base=tmp_path)
    assert result.nodes["sql"].error["message"] == "“sql” needed more than 0.9 GB of memory."


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of a stand-alone step")
def test_a_stand_alone_step_has_a_limit(tmp_path):
    parameters = tmp_path / "parameters.json"
    parameters.write_text(json.dumps({"script": GREEDY}), "utf-8")
    options = ["--parameters", parameters, "--memory-limit", "1"]
    options += ["--error", tmp_path / "error.json"]
    done = subprocess.run(
        [sys.executable, "-m", "modules.step", "execute_python_script", *options],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 1
    error = json.loads((tmp_path / "error.json").read_text("utf-8"))
    assert error["code"] == "out-of-memory"
    assert error["message"] == "Execute Python Script needed more than 1 GB of memory."

"""Design time: columns at ports before the first run."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from designer.engine import sampling
from designer.pipeline.model import Endpoint, Node
from modules.contract.columns import Column


def names(sample, place: str) -> list[str] | None:
    node, port = place.split(".")
    columns = sample.columns.get(Endpoint(node, port))
    return None if columns is None else [column.name for column in columns]


def test_ports_know_their_columns_and_nothing_is_stored(new_engine, build, tmp_path):
    (tmp_path / "cars.csv").write_text("make,price\naudi,1\nbmw,2.5\nsaab,3\n")
    pipeline = build(
        {
            "cars": ("dataset", {"path": "cars.csv"}),
            "some": ("select_columns_in_dataset", {"columns": ["price"]}),
        },
        "cars.dataset > some.dataset",
    )
    engine = new_engine()
    sample = engine.sample(pipeline, base=tmp_path)
    assert sample.columns[Endpoint("cars", "dataset")] == [
        Column("make", "string"),
        Column("price", "number"),
    ]
    assert names(sample, "some.results_dataset") == ["price"]
    assert sample.problems == []
    assert not list(engine.workspace.store_folder.glob("entries/*/*"))


def test_a_mistake_is_a_hint_at_its_node_and_the_rest_is_known(shared_engine, build, tmp_path):
    (tmp_path / "cars.csv").write_text("make,price\naudi,1\n")
    pipeline = build(
        {
            "cars": ("dataset", {"path": "cars.csv"}),
            "some": ("select_columns_in_dataset", {"columns": ["prize"]}),
            "after": ("select_columns_in_dataset", {"columns": ["price"]}),
            "bare": "add",
        },
        "cars.dataset > some.dataset",
        "some.results_dataset > after.dataset",
    )
    sample = shared_engine.sample(pipeline, base=tmp_path)
    assert names(sample, "cars.dataset") == ["make", "price"]
    assert [problem.node for problem in sample.problems] == ["some"]
    assert sample.problems[0].severity == "hint"
    assert "prize" in sample.problems[0].message
    assert set(sample.columns) == {Endpoint("cars", "dataset")}


def test_a_file_that_no_run_could_read_is_a_warning(shared_engine, build, tmp_path):
    (tmp_path / "cars.csv").write_text("make,price\naudi,1\nbmw,2,3\n")
    pipeline = build(
        {"cars": ("dataset", {"path": "cars.csv"}), "some": "split_data"},
        "cars.dataset > some.dataset",
    )
    (problem,) = shared_engine.sample(pipeline, base=tmp_path).problems
    assert (problem.node, problem.severity) == ("cars", "warning")
    assert "Line 3" in problem.message
    # What is beyond the sample is for the run to find.
    many = "audi,1\n" * 900
    (tmp_path / "cars.csv").write_text(f"make,price\n{many}bmw,2,3\n")
    assert shared_engine.sample(pipeline, base=tmp_path).problems == []


@pytest.mark.parametrize(("rows", "told"), [(40, True), (5000, False)])
def test_rows_that_only_the_sample_lacks_are_no_problem(shared_engine, build, tmp_path, rows, told):
    """In the first rows of a sorted table, nothing of the later ones is found."""
    months = "\n".join(str(1 + 12 * row // rows) for row in range(rows))
    (tmp_path / "flights.csv").write_text(f"month\n{months}\n")
    late = "select * from t1 where month > 20" if told else "select * from t1 where month > 11"
    pipeline = build(
        {
            "flights": ("dataset", {"path": "flights.csv"}),
            "late": ("apply_sql_transformation", {"query": late}),
            "shares": ("train_clustering_model", {}),
            "k": "k_means_clustering",
        },
        "flights.dataset > late.t1",
        "late.result_dataset > shares.dataset",
        "k.untrained_model > shares.untrained_model",
    )
    sample = shared_engine.sample(pipeline, base=tmp_path)
    assert names(sample, "late.result_dataset") == ["month"]
    assert [problem.node for problem in sample.problems] == (["shares"] if told else [])


def test_only_what_changed_is_worked_out_again(new_engine, build, tmp_path):
    counter = tmp_path / "counter"

    def pipeline(amount: int):
        return build(
            {
                "n": ("numbers", {"counter": str(counter), "rows": 9_000}),
                "a": ("add", {"counter": str(counter), "amount": amount}),
            },
            "n.numbers > a.first",
        )

    engine = new_engine()
    for amount in (1, 2, 1):
        assert names(engine.sample(pipeline(amount), base=tmp_path), "a.sums") == ["x"]
    assert counter.read_text().splitlines() == ["numbers", "add 1", "add 2"]


@pytest.mark.parametrize("module", ["download", "script", "export"])
def test_what_has_effects_is_left_out_until_the_person_agrees(
    shared_engine, build, tmp_path, module
):
    mark = tmp_path / "mark"
    (tmp_path / "number").write_text("1")
    source = f"open({str(mark)!r}, 'w').close()\ntable['y'] = 1"
    parameters = {
        "download": {"path": str(tmp_path / "number"), "counter": str(mark)},
        "script": {"source": source},
        "export": {"path": str(mark)},
    }[module]
    links = {"download": [], "script": ["n.numbers > e.table"], "export": ["n.numbers > e.table"]}
    pipeline = build(
        {"n": "numbers", "e": (module, parameters)},
        *links[module],
    )
    sample = shared_engine.sample(pipeline, base=tmp_path)
    assert set(sample.columns) == {Endpoint("n", "numbers")}
    assert not mark.exists()
    sample = shared_engine.sample(pipeline, base=tmp_path, allow={"e"})
    assert mark.exists() is (module != "export")
    if module == "script":
        assert names(sample, "e.result") == ["x", "y"]


@pytest.mark.long
def test_a_step_without_an_end_is_given_up_and_not_tried_again(
    new_engine, build, tmp_path, monkeypatch
):
    note = tmp_path / "note"
    pipeline = build(
        {"b": ("busy", {"note": str(note)}), "n": "numbers", "a": "add"},
        "n.numbers > b.table",
        "n.numbers > a.first",
    )
    engine = new_engine()
    engine.sample(build({"n": "numbers"}), base=tmp_path)
    monkeypatch.setattr(sampling, "PATIENCE", 3.0)
    assert names(engine.sample(pipeline, base=tmp_path), "a.sums") == ["x"]
    process = int(note.read_text())
    assert not psutil.pid_exists(process) or psutil.Process(process).status() == "zombie"
    note.unlink()
    assert names(engine.sample(pipeline, base=tmp_path), "a.sums") == ["x"]
    assert not note.exists()


def test_a_step_that_kills_its_process_is_left_out(new_engine, build, tmp_path):
    pipeline = build(
        {"n": "numbers", "k": ("misbehave", {"how": "os exit"}), "a": "add"},
        "n.numbers > k.table",
        "n.numbers > a.first",
    )
    assert names(new_engine().sample(pipeline, base=tmp_path), "a.sums") == ["x"]


def test_broken_pipelines_have_no_sample(shared_engine, build):
    cycle = build({"a": "add", "b": "add"}, "a.sums > b.first", "b.sums > a.first")
    assert shared_engine.sample(cycle, base=Path.cwd()) == ({}, [], {})
    unknown = build({"u": "no_such_module", "off": Node("off", "numbers", disabled=True)})
    assert shared_engine.sample(unknown, base=Path.cwd()) == ({}, [], {})

"""What runs again and what does not; paths in parameters keep the tests apart."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from designer.engine import RunResult
from designer.pipeline.model import Node
from modules.values import storage


def frame(result: RunResult, node: str, port: str):
    return storage.load(result.nodes[node].outputs[port].path).frame


def test_nothing_runs_again_when_nothing_changed(shared_engine, build, tmp_path):
    counter = tmp_path / "counter"
    parameters = {"counter": str(counter)}
    pipeline = build(
        {"a": ("numbers", parameters), "h": ("halves", parameters), "b": ("add", parameters)},
        "a.numbers > h.table",
        "h.left > b.first",
    )
    first = shared_engine.run(pipeline, base=tmp_path)
    second = shared_engine.run(pipeline, base=tmp_path)
    assert counter.read_text().split("\n") == ["numbers", "halves", "add 1", ""]
    assert {node.status for node in second.nodes.values()} == {"reused"}
    for node in pipeline.nodes:
        assert second.nodes[node].outputs == first.nodes[node].outputs


def test_only_what_changed_and_what_follows_from_it_runs_again(shared_engine, build, tmp_path):
    counter = tmp_path / "counter"

    def pipeline(amount: int, **more):
        return build(
            {
                "a": ("numbers", {"counter": str(counter)}),
                "b": ("add", {"counter": str(counter), "amount": 10}),
                "c": ("add", {"counter": str(counter), "amount": amount}),
                "d": ("add", {"counter": str(counter), "amount": 0}),
                **more,
            },
            "a.numbers > b.first",
            "a.numbers > c.first",
            "c.sums > d.first",
        )

    shared_engine.run(pipeline(1), base=tmp_path)
    counter.unlink()
    result = shared_engine.run(pipeline(2), base=tmp_path)
    assert sorted(counter.read_text().split("\n")[:-1]) == ["add 0", "add 2"]
    statuses = {node: found.status for node, found in result.nodes.items()}
    assert statuses == {"a": "reused", "b": "reused", "c": "completed", "d": "completed"}
    # Another branch changes how many threads each step would get, not what is stored.
    wider = pipeline(2, e=("numbers", {"start": 7}), f=("numbers", {"start": 8}))
    result = shared_engine.run(wider, base=tmp_path)
    assert {result.nodes[node].status for node in "abcd"} == {"reused"}
    # Going back finds what was stored first.
    assert {
        node.status for node in shared_engine.run(pipeline(1), base=tmp_path).nodes.values()
    } == {"reused"}


def test_no_reuse_runs_everything_and_gives_the_same(shared_engine, build, tmp_path):
    pipeline = build({"r": "random_numbers", "a": "add"}, "r.numbers > a.first")
    first = shared_engine.run(pipeline, base=tmp_path)
    before = contents(first)
    second = shared_engine.run(pipeline, base=tmp_path, reuse=False)
    assert {node.status for node in second.nodes.values()} == {"completed"}
    assert contents(second) == before


def test_two_runs_from_scratch_give_the_same_bytes(new_engine, build, tmp_path):
    pipeline = build(
        {"r": "random_numbers", "a": "add", "h": "halves", "m": "measure"},
        "r.numbers > a.first",
        "a.sums > h.table",
        "h.right > m.table",
    )
    first = new_engine(tmp_path / "one").run(pipeline, base=tmp_path)
    second = new_engine(tmp_path / "two").run(pipeline, base=tmp_path)
    assert contents(first) == contents(second)


def contents(result: RunResult) -> dict[str, bytes]:
    return {
        f"{node}/{port}/{path.name}": path.read_bytes()
        for node, found in result.nodes.items()
        for port, output in found.outputs.items()
        for path in sorted(output.path.rglob("*"))
        if path.is_file()
    }


def test_a_changed_file_is_noticed_and_an_unchanged_one_is_not_read_again(
    shared_engine, build, tmp_path, monkeypatch
):
    (tmp_path / "lines.txt").write_text("one\ntwo\n")
    os.utime(tmp_path / "lines.txt", (1e9, 1e9))
    pipeline = build({"r": ("read_lines", {"path": "lines.txt"})})
    assert frame(shared_engine.run(pipeline, base=tmp_path), "r", "lines")["line"].tolist() == [
        "one",
        "two",
    ]
    from designer.engine.store import store

    read = []
    real = store.file_digest
    monkeypatch.setattr(store, "file_digest", lambda path, *_: (read.append(path), real(path))[1])
    assert shared_engine.run(pipeline, base=tmp_path).nodes["r"].status == "reused"
    assert read == []
    (tmp_path / "lines.txt").write_text("one\nsix\n")
    if os.name != "nt":
        # Setting the time back hides nothing, except on Windows: it tells no time of change.
        os.utime(tmp_path / "lines.txt", (1e9, 1e9))
    result = shared_engine.run(pipeline, base=tmp_path)
    assert result.nodes["r"].status == "completed"
    assert frame(result, "r", "lines")["line"].tolist() == ["one", "six"]
    # The same content under another name is the same input only where the name is.
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "lines.txt").write_text("one\nsix\n")
    assert shared_engine.run(pipeline, base=tmp_path / "copy").nodes["r"].status == "reused"


def test_what_reads_outside_runs_again_and_what_follows_only_if_it_differs(
    shared_engine, build, tmp_path
):
    source, counter = tmp_path / "number", tmp_path / "counter"
    parameters = {"counter": str(counter)}
    pipeline = build(
        {"d": ("download", parameters | {"path": str(source)}), "a": ("add", parameters)},
        "d.numbers > a.first",
    )
    source.write_text("1")
    shared_engine.run(pipeline, base=tmp_path)
    result = shared_engine.run(pipeline, base=tmp_path)
    assert (result.nodes["d"].status, result.nodes["a"].status) == ("completed", "reused")
    source.write_text("5")
    result = shared_engine.run(pipeline, base=tmp_path)
    assert frame(result, "a", "sums")["x"].tolist() == [6]
    assert counter.read_text().splitlines() == [
        "download",
        "add 1",
        "download",
        "download",
        "add 1",
    ]


@pytest.mark.parametrize("module", ["dice", "download"])
def test_the_person_decides_about_reuse(shared_engine, build, tmp_path, module):
    (tmp_path / "number").write_text("1")
    parameters = {"path": str(tmp_path / "number")} if module == "download" else {}

    def run(reuse: bool | None) -> tuple[str, list[int]]:
        extra = {} if reuse is None else {"reuse": reuse}
        node = Node("n", module, parameters=parameters, extra=extra)
        result = shared_engine.run(build({"n": node}), base=tmp_path)
        return result.nodes["n"].status, frame(result, "n", "numbers")["x"].tolist()

    run(None)
    status, value = run(None)
    assert status == "completed"
    assert run(True) == ("reused", value)
    assert run(False)[0] == "completed"


def test_regenerate_output_runs_a_step_that_could_be_reused(shared_engine, build, tmp_path):
    parameters = {"counter": str(tmp_path / "counter")}
    for extra, status in (({}, "completed"), ({"reuse": False}, "completed"), ({}, "reused")):
        node = Node("n", "numbers", parameters=parameters, extra=extra)
        result = shared_engine.run(build({"n": node}), base=tmp_path)
        assert result.nodes["n"].status == status


def test_an_export_happens_in_every_run(shared_engine, build, tmp_path):
    pipeline = build({"n": "numbers", "e": ("export", {"path": "out.csv"})}, "n.numbers > e.table")
    for _ in range(2):
        result = shared_engine.run(pipeline, base=tmp_path)
        assert result.nodes["e"].status == "completed"
        assert (tmp_path / "out.csv").read_text() == "x\n0\n1\n2\n"
        (tmp_path / "out.csv").unlink()


@pytest.mark.parametrize(
    "hidden",
    [
        {"count": 2},
        {"count": -5},
        {"count": {"$parameter": "gone"}},
        {"lines": "no such file.txt"},
        {"lines": "dataset:nobody knows it"},
    ],
)
def test_a_value_without_effect_neither_fails_a_step_nor_runs_it_again(
    shared_engine, build, tmp_path, hidden
):
    counter = str(tmp_path / "count")

    def run(parameters):
        given = {"counter": counter, **parameters}
        pipeline = build({"n": "numbers", "c": ("choose", given)}, "n.numbers > c.table")
        return shared_engine.run(pipeline, base=tmp_path).nodes["c"]

    assert run({}).status == "completed"
    assert run(hidden).status == "reused"
    assert Path(counter).read_text() == "choose all 1\n"
    # As soon as it has an effect it counts.
    assert run({"mode": "some", **hidden}).status == (
        "completed" if hidden.get("count") == 2 else "failed"
    )


def test_what_an_older_version_wrote_is_brought_up_to_date(shared_engine, build, tmp_path):
    older = build({"r": Node("r", "renewed", version=1, parameters={"size": 4})})
    newer = build({"r": Node("r", "renewed", version=2, parameters={"rows": 4})})
    assert len(frame(shared_engine.run(older, base=tmp_path), "r", "value")) == 4
    assert shared_engine.run(newer, base=tmp_path).nodes["r"].status == "reused"
    beyond = build({"r": Node("r", "renewed", version=3)})
    error = shared_engine.run(beyond, base=tmp_path).nodes["r"].error
    assert error["code"] == "module-too-old"


def test_warnings_are_kept_with_the_result(shared_engine, build, tmp_path):
    pipeline = build({"w": "warns"})
    for reuse, status in ((False, "completed"), (True, "reused")):
        result = shared_engine.run(pipeline, base=tmp_path, reuse=reuse)
        assert result.nodes["w"].status == status
        assert result.nodes["w"].warnings == ("Mind the gap.",)


def test_metrics_of_two_inputs_stand_in_the_order_of_the_ports(shared_engine, build, tmp_path):
    pipeline = build(
        {"n": "numbers", "a": "add", "m": "measure"},
        "n.numbers > a.first",
        "n.numbers > m.table",
        "a.sums > m.other",
    )
    for status in ("completed", "reused"):
        result = shared_engine.run(pipeline, base=tmp_path, reuse=status == "reused")
        assert result.nodes["m"].status == status
        assert list(result.metrics["m"].items()) == [("toy: Sum", 3.0), ("other: Sum", 6.0)]
        record = shared_engine.workspace.run_record(result.id)
        assert list(record["metrics"]["m"]) == ["toy: Sum", "other: Sum"]

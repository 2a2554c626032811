"""Files that were made to stop the reader: whatever is repeated, the effort is linear."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from designer.pipeline import edits, grouping
from designer.pipeline.edits import EditError
from designer.pipeline.file import PipelineFileError, dumps, loads
from designer.pipeline.model import Group, Node, Pipeline
from designer.pipeline.validation import validate
from designer.redaction import has_password, without_passwords

ROOT = Path(__file__).resolve().parents[2]

EVERY_CONSTRUCT = """
import resource, sys
sys.path.insert(0, "benchmarks")
# Many times what all of them take; the square of their sizes is far beyond it.
resource.setrlimit(resource.RLIMIT_CPU, (150, 150))
resource.setrlimit(resource.RLIMIT_DATA, (1 << 30, 1 << 30))
import hostile_files
from designer.catalog import load_catalog
from designer.pipeline.file import PipelineFileError, loads
from designer.pipeline.validation import validate
catalog = load_catalog()
for name, make in hostile_files.CONSTRUCTS.items():
    print(name, flush=True)
    try:
        validate(loads(make(300_000)), catalog, base=hostile_files.ROOT, datasets=("iris",))
    except PipelineFileError:
        pass
print("done")
"""


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="limits of a process")
def test_every_construct_is_read_within_limits() -> None:
    done = subprocess.run(
        [sys.executable, "-c", EVERY_CONSTRUCT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.endswith("done\n"), done.stdout + done.stderr


def test_damaged_samples_are_refused_in_words_or_read() -> None:
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        import mutated_files
    finally:
        sys.path.remove(str(ROOT / "benchmarks"))
    outcomes, faults, _ = mutated_files.attacked(300, seed=7)
    assert not faults
    # Else most of what is behind the reader wouldn't be reached.
    assert outcomes["with errors"] + outcomes["sound"] > 60
    assert outcomes["refused"] > 60


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mysql://me:secret@host/db", True),
        ("see mysql://me:se/cret@host", True),
        ("mysql://me:{password}@host", False),
        ("mysql://me:$SECRET@host", False),
        ("http://host:80/path", False),
        ("http://host:80 a@b", False),
        ("http://host:@b", False),
        ("a@b mysql://me:secret@host", True),
        ("Server=x;Password=secret", True),
        ("Server=x;Password={secret}", False),
        ("://:" * 80_000, False),
        ("://:" * 80_000 + " @", False),
        ("://:" * 80_000 + "@", True),
    ],
)
def test_passwords_are_found(text: str, expected: bool) -> None:
    assert has_password(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("to mysql://me:secret@host/db!", "to mysql://me:***@host/db!"),
        ("mysql://me:se/cret@host", "mysql://me:***@host"),
        ("http://host:80 and a@b", "http://host:80 and a@b"),
        ("x://a:b@c y://d:e@f", "x://a:***@c y://d:***@f"),
        ("://:" * 80_000, "://:" * 80_000),
    ],
)
def test_passwords_are_redacted(text: str, expected: str) -> None:
    assert without_passwords(text) == expected


def test_a_repeated_key_is_named_with_its_line() -> None:
    text = '{"format": "modeldesk-pipeline", "x": [{"a": 1}, {"a": {"b": 1}},\n{"b": 1, "b": 2}]}'
    with pytest.raises(PipelineFileError, match=r"Duplicate “b” in the file, line 2 \(x\.2\.b\)"):
        loads(text)


def test_equal_keys_of_different_objects_are_no_duplicate() -> None:
    text = '{"format": "modeldesk-pipeline", "version": 1, "x": {"a": {"a": 1}, "b": {"a": 1}}}'
    assert loads(text).extra == {"x": {"a": {"a": 1}, "b": {"a": 1}}}


def test_unknown_fields_of_equal_links_are_kept_together() -> None:
    link = {"from": "a.x", "to": "b.y"}
    document = {"format": "modeldesk-pipeline", "version": 1}
    pipeline = loads(json.dumps({**document, "links": [{**link, "u": 1}, {**link, "v": 2}]}))
    assert pipeline.link_extra == {pipeline.links[0]: {"u": 1, "v": 2}}


def test_deep_values_are_written_in_about_their_size() -> None:
    value: object = list(range(20_000))
    for _ in range(90):
        value = [value]
    text = dumps(Pipeline(extra={"x": value}))
    assert len(text) < 1.2 * len(json.dumps(value))
    assert loads(text).extra == {"x": value}


def test_messages_are_short_enough_to_read(catalog: object) -> None:
    pipeline = Pipeline(nodes={"a": Node("a", "m" * 100_000)})
    (problem,) = validate(pipeline, catalog)  # type: ignore[arg-type]
    assert len(problem.message) <= 1_010
    assert problem.message.endswith("isn't installed; its node is kept as it is.")


def test_many_absent_columns_are_counted() -> None:
    from designer.catalog import load_catalog
    from designer.pipeline.model import Endpoint, Link
    from modules.contract.columns import Column

    wanted = [f"c{number}" for number in range(100)]
    pipeline = Pipeline(
        nodes={
            "d": Node("d", "enter_data_manually"),
            "s": Node("s", "select_columns_in_dataset", parameters={"columns": wanted}),
        },
        links=(Link(Endpoint("d", "dataset"), Endpoint("s", "dataset")),),
    )
    columns = {Endpoint("d", "dataset"): [Column("age", "integer")]}
    found = [p for p in validate(pipeline, load_catalog(), columns=columns) if p.node == "s"]
    assert len(found) == 21
    assert found[-1].message.endswith("80 more columns don't exist.")


def test_suggestions_go_on_where_few_names_are_wrong(catalog: object) -> None:
    nodes = {f"n{number}": Node(f"n{number}", "splt_data") for number in range(50)}
    problems = validate(Pipeline(nodes=nodes), catalog)  # type: ignore[arg-type]
    assert {problem.hint for problem in problems} == {"Did you mean “split_data”?"}


def test_ids_have_a_length_that_every_edit_keeps() -> None:
    long = "g" * 100
    with pytest.raises(EditError, match="at most 100"):
        edits.add_node(Pipeline(), "split_data", node_id="x" * 101)
    pipeline = edits.add_group(edits.add_group(Pipeline(), long), f"{long}/{long}")
    within = edits.add_group(pipeline, "harvest")
    filled, _ = edits.add_node(within, "split_data", node_id="harvest/a")
    with pytest.raises(EditError, match="205 characters"):
        grouping.move_into(filled, ["harvest"], f"{long}/{long}")
    pipeline, name = edits.add_node(pipeline, "x" * 300)
    copied, _ = edits.add_node(pipeline, "x" * 300)
    assert loads(dumps(copied)).nodes.keys() == {name, f"{name}_2"}


def test_ids_of_nested_groups_have_a_limit() -> None:
    names = ["g" * 90, f"{'g' * 90}/{'g' * 90}", f"{'g' * 90}/{'g' * 90}/{'g' * 90}"]
    nodes = {f"{names[-1]}/a": Node(f"{names[-1]}/a", "split_data")}
    pipeline = replace(Pipeline(nodes=nodes), groups={name: Group(name) for name in names})
    with pytest.raises(PipelineFileError, match="exceed 255 characters"):
        dumps(pipeline)
    inside = {"groups": {"g" * 90: {"groups": {"g" * 90: {"groups": {"g" * 90: {}}}}}}}
    with pytest.raises(PipelineFileError, match="exceed 255 characters"):
        loads(json.dumps({"format": "modeldesk-pipeline", "version": 1, **inside}))

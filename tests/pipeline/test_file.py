from __future__ import annotations

import contextlib
import copy
import json
import os
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import pipelines, plain

from designer import paths
from designer.pipeline import _file_text, edits, file
from designer.pipeline.file import PipelineFileError, dumps, loads, read
from designer.pipeline.migration import migrate_document
from designer.pipeline.model import Endpoint, Pipeline, PipelineParameter
from designer.pipeline.parameters import same_json

SCHEMA = jsonschema.Draft202012Validator(
    json.loads((paths.resources() / "pipeline.schema.json").read_text("utf-8"))
)
GOLDEN = Path(__file__).with_name("golden.pipeline.json")
HEAD = '"format": "modeldesk-pipeline", "version": 1'


def same(first: Pipeline, second: Pipeline) -> bool:
    """Compare, telling 1, 1.0 and true apart where a person would."""
    return first == second and all(
        same_json(first.nodes[name].parameters, second.nodes[name].parameters)
        and same_json(first.nodes[name].extra, second.nodes[name].extra)
        for name in first.nodes
    )


@given(pipelines())
def test_what_is_written_is_read_again(pipeline: Pipeline) -> None:
    text = dumps(pipeline)
    again = loads(text)
    assert same(again, pipeline)
    assert dumps(again) == text
    text.encode()


@given(pipelines())
def test_every_written_file_keeps_to_the_schema(pipeline: Pipeline) -> None:
    document = json.loads(dumps(pipeline))
    SCHEMA.validate(document)


def test_the_schema_is_one_and_refuses_what_the_reader_refuses() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA.schema)
    nodes = {"a": {"module": "x"}}
    sound = {"format": "modeldesk-pipeline", "version": 1, "nodes": nodes, "links": []}
    assert SCHEMA.is_valid(sound)
    for wrong in (
        {"format": "something-else"},
        {"version": 2},
        {"version": "1"},
        {"nodes": []},
        {"nodes": {"A": {"module": "x"}}},
        {"nodes": {"a": {}}},
        {"nodes": {"a": 5}},
        {"nodes": {"a": {"module": 5}}},
        {"nodes": {"a": {"module": "x", "version": 0}}},
        {"nodes": {"a": {"module": "x", "position": [1]}}},
        {"nodes": {"a": {"module": "x", "parameters": []}}},
        {"nodes": {"a": {"module": "x", "disabled": "no"}}},
        {"links": {}},
        {"links": [{"from": "a.x"}]},
        {"links": [{"from": "a", "to": "b.y"}]},
        {"groups": {"g": []}},
        {"groups": {"g": {"nodes": {"A": {"module": "x"}}}}},
        {"notes": {"n": "text"}},
        {"groups": {"g": {"notes": {"n": "text"}}}},
        {"parameters": {"p": {"type": "colour"}}},
    ):
        document = sound | wrong
        assert not SCHEMA.is_valid(document), wrong
        with pytest.raises(PipelineFileError):
            loads(json.dumps(document))


@pytest.mark.parametrize(
    "path", sorted(paths.samples().glob(f"*{file.SUFFIX}")), ids=lambda path: path.name
)
def test_samples_keep_to_the_schema(path: Path) -> None:
    SCHEMA.validate(json.loads(path.read_text("utf-8")))


def build() -> Pipeline:
    pipeline = Pipeline(description="Prices.\n\nAs in the tutorial.")
    pipeline, data = edits.add_node(
        pipeline, "dataset", position=(300, 40), parameters={"path": "data/prices.csv"}
    )
    pipeline = edits.add_group(pipeline, "prepare", title="Prepare", position=(280, 150.5))
    pipeline, sql = edits.add_node(
        pipeline,
        "apply_sql_transformation",
        node_id="prepare/sql",
        position=(300, 200),
        parameters={
            "script": "select *\nfrom t1\nwhere price > 0\n",
            "limit": {"$parameter": "rows"},
            "password": {"$secret": "warehouse"},
        },
    )
    pipeline, split = edits.add_node(
        pipeline,
        "split_data",
        version=2,
        parameters={
            "fraction": 0.7,
            "columns": {
                "rules": [
                    {"include": "all"},
                    {"exclude": "names", "values": ["normalized-losses", "symboling", "make"]},
                ]
            },
        },
    )
    pipeline = edits.set_comment(pipeline, split, "70 % for training – “first”")
    pipeline = edits.set_disabled(pipeline, split, True)
    pipeline = edits.connect(pipeline, Endpoint(data, "dataset"), Endpoint(sql, "t1"))
    pipeline = edits.connect(pipeline, Endpoint(sql, "dataset"), Endpoint(split, "dataset"))
    pipeline, _ = edits.add_note(pipeline, "Look here:\nthe label", position=(10, 20))
    return edits.add_parameter(
        pipeline, PipelineParameter("rows", "integer", 1000, "How many rows are read")
    )


def test_golden_file() -> None:
    assert dumps(build()) == GOLDEN.read_text("utf-8")
    assert loads(GOLDEN.read_text("utf-8")) == loads(dumps(build()))


def test_unknown_fields_and_modules_come_back() -> None:
    text = f"""{{{HEAD},
      "author": {{"name": "Zoë", "id": 12345678901234567890}},
      "nodes": {{"a": {{"module": "of_tomorrow", "version": 9, "color": [1, 1.0, true, null],
                       "parameters": {{"x": {{"deep": [{{}}]}}}}}}}},
      "groups": {{"g": {{"nodes": {{}}, "shape": "round"}}}},
      "notes": {{"n": {{"text": "hi", "font": "big"}}}},
      "parameters": {{"p": {{"unit": "kg"}}}},
      "links": [{{"from": "a.x", "to": "b.y", "style": "dashed"}}]}}"""
    document = json.loads(dumps(loads(text)))
    given = json.loads(text)
    assert document["author"] == given["author"]
    assert same_json(document["nodes"]["a"]["color"], [1, 1.0, True, None])
    assert document["nodes"]["a"]["module"] == "of_tomorrow"
    assert document["nodes"]["a"]["parameters"] == given["nodes"]["a"]["parameters"]
    assert document["groups"]["g"]["shape"] == "round"
    assert document["notes"]["n"]["font"] == "big"
    assert document["parameters"]["p"]["unit"] == "kg"
    assert document["links"] == given["links"]


def test_text_is_read_from_one_string_too() -> None:
    pipeline = loads(
        f'{{{HEAD}, "nodes": {{"a": {{"module": "m", "comment": "x\\ny",'
        f'"parameters": {{"script": "x\\ny"}}}}}}, "links": []}}'
    )
    assert pipeline.nodes["a"].comment == pipeline.nodes["a"].parameters["script"] == "x\ny"
    assert '"$lines"' in dumps(pipeline)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("   \n", "empty"),
        ("hello", "line 1, column 1"),
        (f"{{{HEAD},\n'nodes': 1}}", "line 2"),
        ("[1, 2]", "not a pipeline"),
        ('{"nodes": {}}', "not a pipeline"),
        ('{"format": "modeldesk-pipeline"}', "version"),
        ('{"format": "modeldesk-pipeline", "version": "1"}', "version"),
        ('{"format": "modeldesk-pipeline", "version": true}', "version"),
        ('{"format": "modeldesk-pipeline", "version": 2, "nodes": 7}', "newer version"),
        (f'{{{HEAD}, "nodes": {{"a": {{"module": "m"}},\n\n"a": {{"module": "n"}}}}}}', "line 3"),
        (f'{{{HEAD}, "nodes": []}}', "nodes"),
        (f'{{{HEAD}, "nodes": {{"Ä b": {{"module": "m"}}}}}}', "“Ä b” can't be an id"),
        (f'{{{HEAD}, "nodes": {{\n"a": {{}}}}}}', "the node has no module (nodes.a, line 2)"),
        (f'{{{HEAD}, "nodes": {{"a": {{"module": "m", "version": 0}}}}}}', "nodes.a.version"),
        (f'{{{HEAD}, "nodes": {{"a": {{"module": "m",\n"position": "left"}}}}}}', "line 2"),
        (f'{{{HEAD}, "nodes": {{"a": {{"module": "m", "position": [1, true]}}}}}}', "position"),
        (f'{{{HEAD}, "nodes": {{"a": {{"module": "m", "position": [1, 1{"0" * 400}]}}}}}}', "two"),
        (f'{{{HEAD}, "nodes": {{"a": {{"module": "m", "comment": ["a", 1]}}}}}}', "comment"),
        (f'{{{HEAD}, "nodes": {{"a": {{"module": "m", "disabled": "no"}}}}}}', "disabled"),
        (f'{{{HEAD}, "nodes": {{"a": {{"module": "m", "parameters": 1}}}}}}', "parameters"),
        (f'{{{HEAD}, "nodes": {{"a": {{"module": "m", "parameters": {{"x": NaN}}}}}}}}', "NaN"),
        (f'{{{HEAD}, "nodes": {{"a": {{"module": "m", "parameters": {{"x": 1e999}}}}}}}}', "1e999"),
        (f'{{{HEAD}, "x": {"9" * 5000}}}', "5000 digits"),
        (f'{{{HEAD}, "links": [{{"from": "a.b",\n"to": "a"}}]}}', "links.0.to, line 2"),
        (f'{{{HEAD}, "links": [{{"from": "a.b"}}]}}', "NODE.PORT"),
        (f'{{{HEAD}, "links": {{}}}}', "links"),
        (f'{{{HEAD}, "notes": {{"a": {{"size": 5}}}}}}', "notes.a.size"),
        (f'{{{HEAD}, "parameters": {{"a": {{"type": "date"}}}}}}', "parameters.a.type"),
        (f'{{{HEAD}, "nodes": {{"a": {{"module": "m"}}}}, "notes": {{"a": {{}}}}}}', "taken"),
        (f'{{{HEAD}, "groups": {{"g": {{"notes": {{"a": {{"size": 5}}}}}}}}}}', "g.notes.a.size"),
        (
            f'{{{HEAD}, "groups": {{"g": {{"groups": {{"a": {{}}}}, "notes": {{"a": {{}}}}}}}}}}',
            "“g/a” is taken",
        ),
        (f'{{{HEAD}, "x": {"[" * 200}{"]" * 200}}}', "levels deep"),
        (f'{{{HEAD}, "x": {"[" * 100_000}{"]" * 100_000}}}', "deep"),
        ('{"groups": {"a": ' * 30 + "1" + "}}" * 30, "not a pipeline"),
    ],
)
def test_bad_text_is_refused_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(PipelineFileError) as caught:
        loads(text)
    assert said in caught.value.message
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 300


def test_groups_nest_no_deeper_than_the_format_allows() -> None:
    inner: dict[str, object] = {}
    for _ in range(21):
        inner = {"groups": {"g": inner}}
    with pytest.raises(PipelineFileError, match="20 levels deep"):
        loads(json.dumps({"format": "modeldesk-pipeline", "version": 1, **inner}))


@pytest.mark.parametrize("left", ["<<<<<<< ", "||||||| ", "=======", ">>>>>>> "])
def test_a_conflict_of_git_is_named_with_file_and_line(tmp_path: Path, left: str) -> None:
    """What git itself leaves, whole or with only one of its marks still there."""

    def git(*arguments: str) -> int:
        who = ["-c", "user.name=x", "-c", "user.email=x@x", "-c", "merge.conflictStyle=diff3"]
        return subprocess.run(
            ["git", *who, *arguments], cwd=tmp_path, capture_output=True, check=False
        ).returncode

    mine = tmp_path / "cars [1].pipeline.json"
    pipeline, _ = edits.add_node(Pipeline(), "split_data")
    assert git("init", "-b", "main") == 0
    for branch, seed in (("main", 1), ("theirs", 2), ("main", 3)):
        git("checkout", branch) and git("checkout", "-b", branch)
        file.write(edits.set_parameter(pipeline, "split_data", "seed", seed), mine)
        assert git("add", ".") == git("commit", "-m", str(seed)) == 0
    assert git("merge", "theirs") == 1
    lines = mine.read_text("utf-8").splitlines(keepends=True)
    marks = ("<<<<<<< ", "||||||| ", "=======", ">>>>>>> ")
    assert sum(line.startswith(marks) for line in lines) == 4
    if left != "<<<<<<< ":
        lines = [line for line in lines if line.startswith(left) or not line.startswith(marks)]
        lines = _without_repeats(lines)
        mine.write_text("".join(lines), "utf-8")
    (row,) = (number for number, line in enumerate(lines, 1) if line.startswith(left))
    with pytest.raises(PipelineFileError) as caught:
        read(mine)
    assert caught.value.message == f"“cars [1].pipeline.json” isn't JSON: line {row}, column 1."
    assert caught.value.hint == "The file has Git conflict markers. Resolve the conflict."


def _without_repeats(lines: list[str]) -> list[str]:
    """Return the lines with only the first version of what the sides have different."""
    seeds = [line for line in lines if '"seed"' in line]
    return [line for line in lines if line not in seeds[1:]]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_what_is_no_file_is_a_sentence_and_stays(tmp_path: Path) -> None:
    pipe, folder = tmp_path / "a.pipeline.json", tmp_path / "b.pipeline.json"
    os.mkfifo(pipe)
    folder.mkdir()
    for path, kind in (
        (pipe, "it is a pipe, not a file"),
        (Path("/dev/zero"), "it is a device, not a file"),
        (folder, "is a directory"),
    ):
        with pytest.raises(PipelineFileError) as caught:
            read(path)
        assert caught.value.message == f"“{path.name}” can't be read: {kind}."
        assert "Choose a file." in caught.value.hint
        with pytest.raises(PipelineFileError, match="can't be saved: "):
            file.write(Pipeline(), path)
    assert pipe.is_fifo()
    assert not Path("/dev/zero").is_file()


@given(st.text(max_size=200) | plain.map(lambda value: json.dumps(value)))
@example('{"format": "modeldesk-pipeline", "version": 1, "\\ud800": 1, "\\ud800": 2}')
def test_random_text_raises_nothing_else(text: str) -> None:
    with pytest.raises(PipelineFileError):
        loads(text)


@given(st.data(), pipelines())
def test_damaged_documents_raise_nothing_else(data: st.DataObject, pipeline: Pipeline) -> None:
    document = json.loads(dumps(pipeline))
    holder = document
    for _ in range(data.draw(st.integers(0, 5))):
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        below = [key for key in keys if isinstance(holder[key], (dict, list)) and holder[key]]
        if not below:
            break
        holder = holder[data.draw(st.sampled_from(below))]
    keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    holder[data.draw(st.sampled_from(keys))] = data.draw(plain)
    try:
        pipeline = loads(json.dumps(document))
    except PipelineFileError:
        return
    assert loads(dumps(pipeline)) == loads(dumps(loads(dumps(pipeline))))


@given(st.data(), pipelines())
def test_cut_and_changed_bytes_raise_nothing_else(data: st.DataObject, pipeline: Pipeline) -> None:
    content = bytearray(dumps(pipeline).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(content[: data.draw(st.integers(0, len(content)))])
    with contextlib.suppress(PipelineFileError):
        loads(cut.decode("utf-8", "replace"))


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), {1: 2}, object(), b"x", {"a": {"b"}}]
)
def test_what_a_file_cannot_hold_is_not_written(value: object) -> None:
    pipeline, _ = edits.add_node(Pipeline(), "m", parameters={"strange": value})
    with pytest.raises(PipelineFileError, match="m: “strange”"):
        dumps(pipeline)


def test_what_nests_too_deeply_is_not_written() -> None:
    value: object = 1
    for _ in range(5000):
        value = [value]
    pipeline, _ = edits.add_node(Pipeline(), "m", parameters={"x": value})
    with pytest.raises(PipelineFileError, match="deep"):
        dumps(pipeline)


def test_the_deepest_that_is_read_can_be_written() -> None:
    deepest = None
    for depth in range(80, 100):
        nested = "[" * depth + "]" * depth
        text = f'{{{HEAD}, "nodes": {{"a": {{"module": "m", "parameters": {{"x": {nested}}}}}}}}}'
        try:
            pipeline = loads(text)
        except PipelineFileError:
            break
        deepest = depth
        assert loads(dumps(pipeline)) == pipeline
    assert deepest
    assert deepest < 99


# Files


def test_read_says_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    with pytest.raises(PipelineFileError, match="There is no file"):
        read(tmp_path / "nope.pipeline.json")
    with pytest.raises(PipelineFileError, match="can't be read"):
        read(tmp_path)
    latin = tmp_path / "latin.pipeline.json"
    latin.write_bytes("é".encode("latin-1"))
    with pytest.raises(PipelineFileError, match="UTF-8"):
        read(latin)
    with pytest.raises(PipelineFileError, match="can't be read"):
        read("a\0b")


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "p.pipeline.json"
    path.write_text(dumps(build()), "utf-8-sig")
    assert read(path) == loads(dumps(build()))


def test_a_huge_file_is_not_read_into_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "p.pipeline.json"
    path.write_text(dumps(build()), "utf-8")
    monkeypatch.setattr(_file_text, "LARGEST", 100)
    with pytest.raises(PipelineFileError, match="too large"):
        read(path)


# Git


def merged(tmp_path: Path, base: Pipeline, ours: Pipeline, theirs: Pipeline) -> str:
    for name, pipeline in (("ours", ours), ("base", base), ("theirs", theirs)):
        (tmp_path / name).write_text(dumps(pipeline), "utf-8")
    result = subprocess.run(
        ["git", "merge-file", "-p", "ours", "base", "theirs"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
    )
    assert result.returncode == 0, result.stdout
    return result.stdout


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_two_branches_that_add_different_nodes_merge(tmp_path: Path) -> None:
    base = build()
    for module in ("evaluate_model", "score_model", "train_model", "linear_regression"):
        base, _ = edits.add_node(base, module)
    base = edits.connect(base, Endpoint("train_model", "model"), Endpoint("score_model", "model"))
    base = edits.connect(
        base, Endpoint("score_model", "dataset"), Endpoint("evaluate_model", "dataset")
    )
    ours, _ = edits.add_node(base, "clean_missing_data", parameters={"mode": "mean"})
    ours = edits.connect(
        ours, Endpoint("dataset", "dataset"), Endpoint("clean_missing_data", "dataset")
    )
    theirs, _ = edits.add_node(base, "normalize_data", parameters={"method": "zscore"})
    theirs = edits.connect(
        theirs, Endpoint("split_data", "first"), Endpoint("normalize_data", "dataset")
    )
    theirs = edits.set_parameter(theirs, "split_data", "fraction", 0.8)
    both = loads(merged(tmp_path, base, ours, theirs))
    assert {"clean_missing_data", "normalize_data"} <= both.nodes.keys()
    assert len(both.links) == len(base.links) + 2
    assert both.nodes["split_data"].parameters["fraction"] == 0.8


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_one_moves_a_node_while_another_edits_its_script(tmp_path: Path) -> None:
    base = build()
    ours = edits.move(base, {"prepare/sql": (1, 2)})
    script = "select *\nfrom t1\nwhere price > 100\n"
    theirs = edits.set_parameter(base, "prepare/sql", "script", script)
    both = loads(merged(tmp_path, base, ours, theirs))
    assert both.nodes["prepare/sql"].position == (1, 2)
    assert both.nodes["prepare/sql"].parameters["script"] == script


def test_a_changed_value_changes_one_line() -> None:
    before, after = (
        dumps(p).splitlines()
        for p in (build(), edits.set_parameter(build(), "split_data", "fraction", 0.8))
    )
    assert len(before) == len(after)
    assert sum(old != new for old, new in zip(before, after, strict=True)) == 1


# Versions


def test_an_older_document_migrates_step_by_step() -> None:
    old = {"format": "modeldesk-pipeline", "version": 1, "boxes": {"a": 1}, "kept": True}
    kept = copy.deepcopy(old)
    migrations = {
        1: lambda d: {**{k: v for k, v in d.items() if k != "boxes"}, "modules": d["boxes"]},
        2: lambda d: {**{k: v for k, v in d.items() if k != "modules"}, "nodes": d["modules"]},
    }
    new = migrate_document(old, 1, migrations=migrations, target=3)
    assert new == {
        "format": "modeldesk-pipeline",
        "version": 3,
        "nodes": {"a": 1},
        "kept": True,
    }
    assert old == kept


def test_every_older_version_has_a_migration() -> None:
    from designer.pipeline.migration import MIGRATIONS, VERSION

    assert set(MIGRATIONS) == set(range(1, VERSION))

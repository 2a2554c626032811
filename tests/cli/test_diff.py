from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Endpoint, Pipeline, PipelineParameter

Command = Callable[..., Result]


def changed(pipeline: Pipeline) -> Pipeline:
    pipeline = edits.set_parameter(pipeline, "split_data", "fraction", 0.8)
    pipeline = edits.set_parameter(pipeline, "split_data", "seed", 4)
    pipeline = edits.set_comment(pipeline, "split_data", "one\ntwo")
    pipeline, sql = edits.add_node(
        pipeline, "apply_sql_transformation", parameters={"query": "select 1"}
    )
    pipeline = edits.connect(pipeline, Endpoint("split_data", "first"), Endpoint(sql, "t1"))
    pipeline = edits.move(pipeline, {"dataset": (5, 5)})
    pipeline, _ = edits.add_note(pipeline, "look")
    return edits.add_parameter(pipeline, PipelineParameter("rows", "integer", 3))


def test_equal_pipelines(designer: Command, small: tuple[Pipeline, Path], tmp_path: Path) -> None:
    # Another order and layout is no difference.
    other = tmp_path / "other.pipeline.json"
    document = json.loads(small[1].read_text("utf-8"))
    document["nodes"] = dict(reversed(document["nodes"].items()))
    other.write_text(json.dumps(document), "utf-8")
    result = designer("diff", small[1], other)
    assert result.exit_code == 0
    assert result.stdout == "The pipelines are equal.\n"
    assert json.loads(designer("diff", small[1], other, "--json").stdout)["equal"] is True


def test_changes_are_said_by_meaning(
    designer: Command, small: tuple[Pipeline, Path], tmp_path: Path
) -> None:
    other = tmp_path / "other.pipeline.json"
    write(changed(small[0]), other)
    result = designer("diff", small[1], other)
    assert result.exit_code == 0
    lines = [line.strip() for line in result.stdout.splitlines()]
    for line in (
        "~ node split_data",
        "fraction: 0.7 → 0.8",
        "seed: default → 4",
        "+two",
        "+ node apply_sql_transformation (apply_sql_transformation)",
        'query: "select 1"',
        "+ link split_data.first → apply_sql_transformation.t1",
        "+ note note",
        "+ pipeline parameter rows",
        "moved: dataset",
    ):
        assert line in lines
    back = designer("diff", other, small[1]).stdout
    assert "- node apply_sql_transformation" in back
    assert "seed: 4 → default" in back


def test_json(designer: Command, small: tuple[Pipeline, Path], tmp_path: Path) -> None:
    other = tmp_path / "other.pipeline.json"
    write(changed(small[0]), other)
    document = json.loads(designer("diff", small[1], other, "--json").stdout)
    assert document["equal"] is False
    assert document["nodes"]["added"] == ["apply_sql_transformation"]
    assert document["nodes"]["changed"] == {
        "split_data": {
            "comment": {"before": "", "after": "one\ntwo"},
            "parameters": {"fraction": {"before": 0.7, "after": 0.8}, "seed": {"after": 4}},
        }
    }
    assert document["links"]["added"] == [
        {"from": "split_data.first", "to": "apply_sql_transformation.t1"}
    ]
    assert document["moved"] == ["dataset"]
    assert document["parameters"]["added"] == ["rows"]


def test_a_file_that_is_no_pipeline(
    designer: Command, small: tuple[Pipeline, Path], tmp_path: Path
) -> None:
    bad = tmp_path / "bad.pipeline.json"
    bad.write_text("[]", "utf-8")
    result = designer("diff", small[1], bad)
    assert result.exit_code == 2
    assert "not a pipeline" in result.stderr
    assert designer("diff", small[1]).exit_code == 2

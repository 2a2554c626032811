"""Codes of problems on the command line, and what they mean."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from designer.cli.main import main
from designer.pipeline import edits
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Pipeline


def run(*arguments: str):
    return CliRunner().invoke(main, list(arguments))


@pytest.fixture
def lacking(tmp_path):
    """A pipeline whose only module lacks its input."""
    path = tmp_path / "p.pipeline.json"
    pipeline_file.write(edits.add_node(Pipeline(), "split_data")[0], path)
    return path


def test_a_problem_shows_its_code_and_the_code_its_page(lacking):
    done = run("validate", str(lacking))
    assert done.exit_code == 2
    assert "isn't connected. [input-not-connected]" in done.output
    explained = run("validate", "--explain", "[input-not-connected]")
    assert explained.exit_code == 0
    assert "## Why" in explained.output
    assert "All problems" not in explained.output


def test_json_has_the_code(lacking):
    found = json.loads(run("validate", str(lacking), "--json").output)
    assert [problem["code"] for problem in found["problems"]] == ["input-not-connected"]


def test_a_run_that_can_not_start_shows_the_code(lacking):
    done = run("run", str(lacking))
    assert done.exit_code == 2
    assert "[input-not-connected]" in done.output


def test_misspelled_codes_are_recognized():
    wrong = run("validate", "--explain", "colum-not-found")
    assert wrong.exit_code == 2
    assert "Did you mean “column-not-found”?" in wrong.output
    # A code is a name, and no way to another file.
    assert run("validate", "--explain", "../guide").exit_code == 2

"""``designer modules new``: what it writes works as it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from designer.catalog import load_catalog
from designer.skeletons import KINDS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return tmp_path / "my workspace"


@pytest.mark.long
def test_every_kind_is_in_the_palette_and_passes_its_test(designer, workspace):
    place = ("--workspace", workspace)
    for kind in KINDS:
        made = designer("modules", "new", f"My {kind.title()}", "--kind", kind, "--json", *place)
        assert made.exit_code == 0, made.output
        files = json.loads(made.stdout)
        assert Path(files["module"]) == workspace / "modules" / f"my_{kind}.py"
        assert Path(files["test"]) == workspace / "modules" / "tests" / f"test_my_{kind}.py"
    catalog = load_catalog(workspace / "modules")
    assert catalog.problems == []
    own = {spec.id: spec for spec in catalog.categories()["My Modules"]}
    assert {name: spec.title for name, spec in own.items()} == {
        f"my_{kind}": f"My {kind.title()}" for kind in KINDS
    }
    for spec in own.values():
        assert spec.summary
        assert all(each.help for each in (*spec.inputs, *spec.outputs, *spec.parameters)), spec.id
    listed = designer("modules", "My Transform", *place)
    assert "Multiply the values of columns." in listed.stdout
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    ran = subprocess.run(
        command,
        cwd=workspace / "modules",
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout


def test_what_is_written_is_formatted_and_has_no_unused_import(designer, workspace):
    for kind in KINDS:
        designer("modules", "new", f"my_{kind}", "--kind", kind, "--workspace", workspace)
    for command in (["check", "--select", "E,F,I,W,UP,B"], ["format", "--check"]):
        config = ["--config", str(ROOT / "pyproject.toml")] if command[0] == "format" else []
        ran = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *config, "--no-cache", workspace / "modules"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Split Data", "There is a module “split_data” already."),
        ("7 times", "“7 times” can't be the name of a module."),
        ("…", "“…” can't be the name of a module."),
        ("class", "“class” can't be the name of a module."),
    ],
)
def test_names_that_can_not_be_used(designer, workspace, name, message):
    refused = designer("modules", "new", name, "--workspace", workspace)
    assert refused.exit_code == 2
    assert message in refused.stderr
    assert "Hint:" in refused.stderr
    assert not (workspace / "modules").exists()


def test_a_file_that_is_there_stays(designer, workspace):
    place = ("--workspace", workspace)
    first = designer("modules", "new", "cap_values", *place)
    assert "Run" in first.stdout or "run its test" in first.stdout
    file = workspace / "modules" / "cap_values.py"
    file.write_text("mine = 1\n", "utf-8")
    again = designer("modules", "new", "CapValues", *place)
    assert again.exit_code == 2
    assert "exists already" in again.stderr
    assert file.read_text("utf-8") == "mine = 1\n"


def test_the_id_of_a_module_comes_before_its_title(designer):
    assert (
        designer("modules", "split_data").stdout == designer("modules", "show", "split_data").stdout
    )
    assert json.loads(designer("modules", "--json").stdout) == json.loads(
        designer("modules", "list", "--json").stdout
    )

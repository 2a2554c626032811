"""A process that has no library of any extra: every module is there and says what to install."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache

import pytest

from designer.catalog import load_catalog
from designer.extras import extras
from modules.programs import distribution

PROGRAM = '''
import sys
from importlib import metadata

HIDDEN = set(sys.argv[1].split(","))
IMPORTED = set(sys.argv[2].split(","))


class Missing:
    """Refuses to import the libraries."""

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in IMPORTED:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


installed = metadata.Distribution.from_name


def from_name(name):
    if name in HIDDEN:
        raise metadata.PackageNotFoundError(name)
    return installed(name)


sys.meta_path.insert(0, Missing())
metadata.Distribution.from_name = from_name
from designer.cli.main import main

main(sys.argv[3:])
'''

IMPORTED = {
    "interpret-core": "interpret",
    "umap-learn": "umap",
    "scikit-surprise": "surprise",
}
"""Where a library isn't imported by the name of its distribution."""


@cache
def of_extras() -> dict[str, str]:
    """Return the extra of each distribution that only modules need."""
    needed = {each for spec in load_catalog().values() for each in spec.all_requirements}
    return {
        name: extra.name
        for extra in extras().values()
        for name in map(distribution, extra.requirements)
        if name in needed
    }


def designer(*words: str) -> subprocess.CompletedProcess[str]:
    names = list(of_extras())
    imported = [IMPORTED.get(name, name) for name in names]
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, ",".join(names), ",".join(imported), *words],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_every_module_is_listed_with_one_command_that_installs_what_it_lacks() -> None:
    listed = designer("modules", "list", "--json")
    assert listed.returncode == 0, listed.stderr
    found = {each["id"]: each for each in json.loads(listed.stdout)}
    known = {id: spec for id, spec in load_catalog().items() if id in found}
    assert len(found) == len(load_catalog())
    lacking = 0
    for id, spec in known.items():
        wanted = {of_extras()[each] for each in spec.requires if each in of_extras()}
        if not wanted:
            continue
        lacking += 1
        assert not found[id]["available"], id
        commands = {f"designer extras install {name}" for name in wanted}
        # Two extras have statsmodels: either command installs it.
        assert found[id]["install"] in commands | {"designer extras install forecasting"}, id
    assert lacking >= 10


@pytest.mark.parametrize(
    ("module", "works"), [("summarize_data", True), ("exponential_smoothing_forecaster", False)]
)
def test_what_lacks_nothing_runs_and_the_rest_is_told(
    module: str, works: bool, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELDESK_WORKSPACE", str(tmp_path / "workspace"))
    file = tmp_path / "p.pipeline.json"
    made = designer("modules", "show", module, "--example", str(file))
    assert made.returncode == 0, made.stderr
    ran = designer("run", str(file))
    assert (ran.returncode == 0) == works, ran.stderr
    if not works:
        assert "designer extras install forecasting" in ran.stderr + ran.stdout
        assert "Traceback" not in ran.stderr

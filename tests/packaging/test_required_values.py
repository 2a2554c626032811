"""Libraries that a module needs for some values of a parameter only."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pytest

from designer.catalog import Catalog, load_catalog
from designer.engine.fingerprints import forget_versions, step_fingerprint
from designer.packaging.plug_ins import requirements
from designer.pipeline import edits
from designer.pipeline.model import Pipeline, PipelineParameter
from designer.pipeline.validation import validate
from modules.contract import DataTable, ModuleSpec, Requires, When, module
from modules.contract.specification import specification


@module("Toy Engine", outputs=("table",), requires=("pandas",))
def toy_engine(
    *,
    plain: bool = False,
    engine: Annotated[
        Literal["own", "far"], Requires(far=("no-such-library", "pandas")), When(plain=False)
    ] = "own",
) -> DataTable:
    """Make a table.

    Parameters
    ----------
    plain : bool
        Whether there is no engine.
    engine : str
        What makes it.

    Returns
    -------
    table : DataTable
        The table.
    """
    raise NotImplementedError


@pytest.fixture
def spec() -> ModuleSpec:
    return specification(toy_engine)


def test_the_value_decides(spec: ModuleSpec) -> None:
    assert spec.requirements({}) == ("pandas",)
    assert spec.requirements({"engine": "far"}) == ("pandas", "no-such-library")
    assert spec.requirements({"engine": "far", "plain": True}) == ("pandas",)
    assert spec.requirements({"engine": {"$parameter": "any"}}) == ("pandas", "no-such-library")
    assert spec.all_requirements == ("pandas", "no-such-library")


def test_what_travels_contains_them_if_the_value_needs_them() -> None:
    sql = load_catalog()["apply_sql_transformation"]
    assert "duckdb" not in requirements(sql, {"query": "select 1"})
    assert "duckdb" in requirements(sql, {"engine": "DuckDB"})


@pytest.mark.parametrize(
    ("value", "told"),
    [("own", False), ("far", True), ({"$parameter": "far"}, True), ({"$parameter": "own"}, False)],
)
def test_a_missing_library_is_a_problem_of_the_value(
    value: object, told: bool, spec: ModuleSpec
) -> None:
    known = {name: PipelineParameter(name, "text", name) for name in ("far", "own")}
    pipeline, _ = edits.add_node(
        Pipeline(parameters=known), spec.id, node_id="toy", parameters={"engine": value}
    )
    catalog = Catalog([spec])
    problems = [each for each in validate(pipeline, catalog) if each.code == "not-installed"]
    assert [each.message for each in problems] == [
        "Toy Engine needs no-such-library, which isn't installed."
    ] * told
    assert all(each.hint == "pip install no-such-library" for each in problems)
    assert catalog.available(spec)


@pytest.mark.parametrize(("engine", "same"), [("own", True), ("far", False)])
def test_results_depend_on_the_version_of_a_library_in_use(
    engine: str, same: bool, spec: ModuleSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    found = set()
    for number in ("1.0", "2.0"):
        about = tmp_path / "no_such_library-1.0.dist-info"
        about.mkdir(exist_ok=True)
        (about / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: no-such-library\nVersion: {number}\n"
        )
        forget_versions()
        found.add(step_fingerprint(spec, "code", {"engine": engine}, {}, []))
    forget_versions()
    assert (len(found) == 1) == same

"""The first rows of what a data module would give."""

from __future__ import annotations

from pathlib import Path

from designer.engine.preview import PREVIEW_ROWS, preview


def test_the_first_rows_come_with_kinds(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("n;x;t\n1;1,5;a\n2;;\n" + "3;2,0;z\n" * 500, "utf-8")
    found = preview("dataset", {"path": str(path), "decimal": "comma"})
    assert found.error is None
    assert found.columns == (("n", "integer"), ("x", "number"), ("t", "string"))
    assert found.rows[:2] == (("1", "1.5", "a"), ("2", None, None))
    assert len(found.rows) == PREVIEW_ROWS


def test_options_decide_what_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("1,2\n3,4\n", "utf-8")
    assert preview("dataset", {"path": str(path)}).columns[0][0] == "1"
    assert preview("dataset", {"path": str(path), "header": False}).columns[0][0] == "Col1"


def test_long_cells_are_cut(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("t\n" + "x" * 5_000 + "\n", "utf-8")
    cell = preview("dataset", {"path": str(path)}).rows[0][0]
    assert cell is not None
    assert len(cell) == 80
    assert cell.endswith("…")


def test_trouble_is_said_and_not_raised(tmp_path: Path) -> None:
    missing = preview("dataset", {"path": str(tmp_path / "gone.csv")})
    assert missing.error is not None
    assert "gone.csv" in missing.error["message"]
    assert preview("dataset", {}).error is not None
    assert preview("no_such_module", {}).error is not None


def test_warnings_come_along(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,a\n1,2\n", "utf-8")
    assert preview("dataset", {"path": str(path)}).warnings

"""Execute R Script: the exchange of tables, its contract, its errors, and its pictures."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from module_examples import example_table

from designer.catalog import load_catalog
from designer.deployment.texts import package_texts
from designer.packaging.environment import conda_file
from modules.contract import DataTable, ModuleError, Role
from modules.programs import R, version_of
from modules.r_language._exchange import read_frame, write_frame
from modules.r_language.execute_r_script import execute_r_script
from modules.values import Files

needs_r = pytest.mark.skipif(R.path() is None, reason="R isn't installed")


def run(
    body: str, *inputs: DataTable | Files | None, before: str = "", seed: int = 0
) -> tuple[DataTable | None, DataTable | None]:
    script = f"{before}\nazureml_main <- function(dataframe1, dataframe2) {{\n{body}\n}}\n"
    first, second, _ = execute_r_script(*inputs, script=script, seed=seed)  # type: ignore[arg-type]
    return first, second


def frame_of(body: str, *inputs: DataTable | None, **options: int) -> pd.DataFrame:
    first, _ = run(body, *inputs, **options)  # type: ignore[arg-type]
    assert first is not None
    return first.frame


def odd() -> pd.DataFrame:
    """Return a table with everything that a table may contain."""
    return pd.DataFrame(
        {
            "whole": [1, -(2**31) + 1, 2**31 - 1, 0],
            "large": [2**53, -(2**40), 1, 0],
            "holes": pd.array([1, None, 3, 2**31], dtype="Int64"),
            "number": [0.1, -0.0, np.inf, None],
            "tiny": [5e-324, 1.7976931348623157e308, -np.inf, 1 / 3],
            "truth": [True, False, True, False],
            "perhaps": pd.array([True, None, False, None], dtype="boolean"),
            "text": ["", "NA", None, 'two\nlines, "quoted"\t; it\'s'],
            "ümläut 漢字": ["é", "日本", "😀", "\\N"],
            "kind": pd.Categorical(["b", None, "a", "b"], categories=["b", "unused", "a"]),
            "grade": pd.Categorical(["low", "high", "low", None], ["low", "high"], ordered=True),
            "moment": pd.to_datetime(
                ["2024-02-29 12:34:56.789012", None, "1900-01-01", "2100-12-31 23:59:59.5"],
                format="ISO8601",
            ).astype("datetime64[us]"),
            "local": pd.to_datetime(
                ["2024-03-31 00:30", "2024-03-31 02:30", None, "1999-12-31 00:00"]
            )
            .astype("datetime64[us]")
            .tz_localize("UTC")
            .tz_convert("Europe/Rome"),
            "world": pd.to_datetime(["2024-01-01"] * 4).astype("datetime64[us]").tz_localize("UTC"),
            "empty": pd.Series([None] * 4, dtype="str"),
            "gone": [np.nan] * 4,
        }
    )


def test_a_table_survives_the_exchange(tmp_path: Path) -> None:
    table = DataTable(odd())
    write_frame(table.frame, tmp_path / "t", "dataset1")
    again = DataTable(read_frame(tmp_path / "t"))
    pd.testing.assert_frame_equal(
        again.frame, table.frame.astype({"large": "float64", "holes": "float64"}), check_dtype=False
    )


@needs_r
@pytest.mark.parametrize("table", [DataTable(odd()), example_table()], ids=["odd", "example"])
def test_a_table_survives_r(table: DataTable) -> None:
    first, second, pictures = execute_r_script(table)
    assert first is not None
    assert second is None
    assert pictures is None
    changed = {"large": "float64", "holes": "float64"} if "large" in table.names else {}
    pd.testing.assert_frame_equal(
        first.frame, DataTable(table.frame.astype(changed)).frame, check_dtype=False
    )
    kinds = {column.name: column.kind for column in table.columns}
    found = {column.name: column.kind for column in first.columns}
    assert found == kinds | dict.fromkeys(changed, "number")
    assert first.roles == table.roles


@needs_r
def test_r_sees_what_was_sent() -> None:
    """What the columns are in R, by R's own functions."""
    frame = frame_of(
        "data.frame(name = names(dataframe1), class = vapply(dataframe1, function(x) class(x)[1], "
        "''), missing = vapply(dataframe1, function(x) sum(is.na(x)), 0L), text = vapply("
        "dataframe1, function(x) paste(format(x[1]), collapse = ''), ''))",
        DataTable(odd()),
    ).set_index("name")
    assert frame.loc["whole", "class"] == "integer"
    assert frame.loc["large", "class"] == "numeric"
    assert frame.loc["perhaps", "class"] == "logical"
    assert frame.loc["kind", "class"] == "factor"
    assert frame.loc["grade", "class"] == "ordered"
    assert frame.loc["moment", "class"] == "POSIXct"
    assert frame["missing"].to_dict() == odd().isna().sum().to_dict()
    assert frame.loc["ümläut 漢字", "text"] == "é"
    assert frame.loc["local", "text"].startswith("2024-03-31 01:30")
    sums = frame_of(
        "data.frame(a = nchar(dataframe1$text[4]), b = as.integer(dataframe1$kind)[1], "
        "c = levels(dataframe1$kind)[2], d = dataframe1$grade[1] < dataframe1$grade[2])",
        DataTable(odd()),
    )
    text = str(odd()["text"][3])
    assert sums.to_numpy().tolist() == [[len(text), 1, "unused", True]]


@needs_r
def test_what_r_makes_comes_back() -> None:
    frame = frame_of(
        "data.frame(day = as.Date(c('2024-02-29', NA)), took = as.difftime(c(1, 2), units = "
        "'mins'), z = complex(real = 1, imaginary = 2), m = I(matrix(1:4, 2)), "
        "lt = as.POSIXlt(c('2024-01-01 10:00:00', NA), tz = 'Asia/Tokyo'))"
    )
    assert frame["day"].tolist()[0] == pd.Timestamp("2024-02-29")
    assert frame["day"].isna().tolist() == [False, True]
    assert frame["took"].tolist() == [60, 120]
    assert frame["z"].tolist() == ["1+2i", "1+2i"]
    assert frame.filter(like="m.").to_numpy().tolist() == [[1, 3], [2, 4]]
    assert frame["lt"][0] == pd.Timestamp("2024-01-01 10:00", tz="Asia/Tokyo")


@needs_r
@pytest.mark.proves("execute_r_script", by="formula by hand")
def test_a_model_of_r_equals_the_formula() -> None:
    """Least squares by lm, and by the normal equations."""
    table = example_table()
    frame = frame_of(
        "model <- lm(target ~ age + active, data = dataframe1)\n"
        "as.data.frame(as.list(coef(model)))",
        table,
    )
    matrix = np.column_stack([np.ones(len(table)), table.frame["age"], table.frame["active"]])
    expected = np.linalg.lstsq(matrix, table.frame["target"], rcond=None)[0]
    np.testing.assert_allclose(frame.to_numpy()[0], expected)


@needs_r
def test_ways_to_return_and_roles() -> None:
    table = DataTable(pd.DataFrame({"a": [1], "b": ["x"]}), {"b": Role.LABEL})
    first, second = run("dataframe1", table)
    assert first is not None
    assert dict(first.roles) == {"b": Role.LABEL}
    first, second = run("list(dataset2 = dataframe1)", table)
    assert first is None
    assert second is not None
    first, second = run("list(dataframe1, data.frame(n = is.null(dataframe2)))", table)
    assert second is not None
    assert second.frame["n"].tolist() == [True]
    (_, _), before = run("dataframe1$a <- 5L; dataframe1", table), table.frame["a"].tolist()
    assert before == [1]
    assert len(frame_of("dataframe1[0, ]", table)) == 0
    assert frame_of("dataframe1", table.slice(0, 0)).columns.tolist() == ["a", "b"]


@needs_r
def test_the_seed_and_the_threads_are_fixed() -> None:
    draws = [frame_of("data.frame(x = runif(3))", seed=seed) for seed in (0, 0, 7)]
    assert draws[0].equals(draws[1])
    assert not draws[0].equals(draws[2])
    # R's documented generator, Mersenne Twister, of set.seed(0).
    assert draws[0]["x"].round(7).tolist() == [0.8966972, 0.2655087, 0.3721239]


@needs_r
def test_drawings_become_pictures(tmp_path: Path) -> None:
    script = (
        "azureml_main <- function(dataframe1, dataframe2) {\n"
        "  plot(1:10); hist(c(1, 2, 2)); data.frame(a = 1)\n}"
    )
    _, _, pictures = execute_r_script(script=script)
    assert pictures is not None
    files = sorted(pictures.folder.iterdir())
    assert [path.name for path in files] == ["Plot 001.png", "Plot 002.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in files)


@needs_r
def test_a_bundle_is_there(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as archive:
        archive.writestr("twice.R", "twice <- function(x) 2 * x\n")
    (tmp_path / "factor.txt").write_text("21")
    frame = frame_of(
        "data.frame(x = twice(scan('./Script Bundle/factor.txt', quiet = TRUE)))",
        None,
        None,
        Files(tmp_path),  # type: ignore[arg-type]
        before='source("./Script Bundle/twice.R")',  # type: ignore[arg-type]
    )
    assert frame["x"].tolist() == [42]


@needs_r
@pytest.mark.parametrize(
    ("script", "code", "words", "line"),
    [
        ("x <- 1", "no-azureml-main", "azureml_main", None),
        ("x <- 1\ny <- (2 +* 3)", "script-failed", "unexpected '*'", 2),
        ("\n\nstop('too hot')", "script-failed", "too hot", 3),
        ("quit(status = 0)", "script-failed", "called quit", None),
        ("quit(status = 7)", "script-failed", "status 7", None),
        ("library(no.such.package)", "script-failed", "no.such.package", 1),
        (
            "inner <- function(x) {\n  log(-1)\n  x + 'a'\n}\nazureml_main <- function(a, b) {\n"
            "  inner(1)\n}",
            "script-failed",
            "non-numeric argument",
            3,
        ),
        ("azureml_main <- function(a, b) NULL", "no-results", "nothing", None),
        ("azureml_main <- function(a, b) 5", "not-a-data-frame", "numeric", None),
        ("azureml_main <- function(a, b) list(1, 2)", "not-a-data-frame", "dataset1", None),
        (
            "azureml_main <- function(a, b) list(cars, cars, cars)",
            "too-many-results",
            "3 values",
            None,
        ),
        (
            "azureml_main <- function(a, b) { d <- data.frame(a = 1:2); d$l <- list(1, 2); d }",
            "wrong-column",
            "“l” is a list",
            None,
        ),
    ],
)
def test_mistakes_are_explained(script: str, code: str, words: str, line: int | None) -> None:
    with pytest.raises(ModuleError) as caught:
        execute_r_script(script=script)
    error = caught.value
    assert (error.code, error.line) == (code, line), error.message
    assert words in error.message
    assert error.parameter == "script"
    assert error.hint


@needs_r
def test_a_missing_package_is_told_how_to_install() -> None:
    with pytest.raises(ModuleError) as caught:
        execute_r_script(script="library(no.such.package)")
    assert 'install.packages("no.such.package")' in caught.value.hint


@needs_r
def test_output_is_printed_and_nothing_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    frame = frame_of(
        "print(summary(dataframe1$a)); message('to stderr: ä')\n"
        "data.frame(asked = length(readLines('stdin')))",
        DataTable(pd.DataFrame({"a": [1, 2]})),
    )
    printed = capsys.readouterr().out
    assert "Median" in printed
    assert "to stderr: ä" in printed
    assert frame["asked"].tolist() == [0]


def test_a_null_character_is_refused(tmp_path: Path) -> None:
    table = DataTable(pd.DataFrame({"t": ["a\0b"]}))
    with pytest.raises(ModuleError, match="“t” contains a null character"):
        write_frame(table.frame, tmp_path / "t", "dataset1")


def test_without_r_the_module_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(ModuleError) as caught:
        execute_r_script(DataTable(pd.DataFrame({"a": [1]})))
    assert caught.value.code == "r-not-installed"
    assert R.hint in caught.value.hint
    catalog = load_catalog()
    spec = catalog["execute_r_script"]
    assert not catalog.available(spec)
    assert catalog.install_hint(spec) == R.hint


@needs_r
def test_what_travels_installs_r() -> None:
    requires = ("pandas", "program:Rscript")
    minor = ".".join(str(version_of(R)).split(".")[:2])
    assert f"  - r-base={minor}\n" in conda_file(requires)
    assert "r-base-core" in package_texts.dockerfile((), requires)
    assert f"  - r-base={minor}\n" in package_texts.conda_file("e", requires)

"""Texts of other rooms, translated by their form, and the collection of the forms."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from designer import texts
from designer.composed_texts import in_language
from modules.contract.errors import ModuleError
from modules.contract.specification import specification
from modules.regression.linear_regression import linear_regression

ROOT = Path(__file__).parents[1]


@pytest.fixture
def german():
    texts.use("de")
    yield
    texts.use("en")


@pytest.fixture(scope="module")
def tool():
    """tools/composed_texts.py, which isn't in a package."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "tools"))
        yield importlib.import_module("composed_texts")
    for each in ("composed_texts", "literal_texts"):
        sys.modules.pop(each, None)


def test_english_texts_stay():
    text = "Column “price” contains infinite values."
    assert in_language(text) == text


@pytest.mark.parametrize(
    ("text", "translation"),
    [
        (
            "Column “price” contains infinite values.",
            "Die Spalte „price“ enthält unendliche Werte.",
        ),
        ("tree 40 of 100", "Baum 40 von 100"),
        # Numbers, but no versions, and nothing of the user.
        (
            "1,200 of 30,000 requests failed, more than 5.0%.",
            "1.200 von 30.000 Anfragen sind fehlgeschlagen, mehr als 5,0\N{NO-BREAK SPACE}%.",
        ),
        (
            "Accuracy on 4,000 held rows: challenger 0.9125, champion 0.8 (p = 0.003, x).",
            "Genauigkeit auf 4.000 zurückgehaltenen Zeilen: Herausforderer 0,9125, Champion 0,8 "
            "(p = 0,003, x).",
        ),
        ("The environment needs Python 3.11.", "Die Umgebung braucht Python 3.11."),
        ("Column “0.5” has no values.", "Die Spalte „0.5“ hat keine Werte."),
        # Several sentences, and lines.
        (
            "Nobody has translated this. Use fewer folds.",
            "Nobody has translated this. Weniger Teile verwenden.",
        ),
        (
            "Use fewer folds.\nEnter a file name.",
            "Weniger Teile verwenden.\nEinen Dateinamen eingeben.",
        ),
        # What is put in is translated too, at the start of a sentence with a capital.
        ("Enter a number from 0 to 1.", "Eine Zahl von 0 bis 1 eingeben."),
        ("a dataset or files", "ein Datensatz oder Dateien"),
        ("Training Linear Regression", "Lineare Regression trainieren"),
        (
            "Column “paid” contains booleans; for “less than” it has no order.",
            "Die Spalte „paid“ enthält Wahrheitswerte; für „kleiner als“: sie hat keine Ordnung.",
        ),
        # A name stays, even if it is a known word.
        ("Column “Label” has missing values.", "Die Spalte „Label“ hat fehlende Werte."),
        # Blanks around it stay.
        (" and 3 more values ", " und 3 weitere Werte "),
        ("", ""),
        ("  ", "  "),
    ],
)
def test_a_text_is_recognized_by_its_form(german, text, translation):
    assert in_language(text) == translation


@pytest.mark.parametrize(
    "text",
    [
        "A sentence that nobody has translated, with parts of others.",
        "/home/ann/data of 2024/prices.csv",
        "12,345 × 3",
        "Elbe",
    ],
)
def test_an_unknown_text_stays(german, text):
    assert in_language(text) == text


def test_the_error_of_a_module_is_translated(german):
    error = ModuleError("x", f"Column “{'price' * 30}” has missing values.", "Use fewer clusters.")
    assert in_language(error.message).startswith("Die Spalte „priceprice")
    assert in_language(error.message).endswith("…“ hat fehlende Werte.")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (-1, "eine Zahl ab 0."),
        ("x", "eine Zahl."),
        ("", "eine Zahl ab 0 eingeben."),
    ],
)
def test_a_value_that_a_parameter_refuses_is_explained(german, value, shown):
    parameter = specification(linear_regression).parameter_by_name["l2_weight"]
    with pytest.raises(ValueError, match="L2 reg") as refused:
        parameter.read(value)
    assert in_language(str(refused.value)).endswith(shown)


def test_texts_are_collected_with_named_placeholders(tool):
    source = '''
def f(column, rows, more):
    """Return words that nobody sees."""
    if more:
        raise ModuleError("some-code", f"Column “{column.name}” has {len(rows):,} rows.")
    warn("Nothing is left." if not rows else f"Only {min(rows)} of {max(rows)} are left.")
    return {"kind of key": "not_shown"}
'''
    assert set(tool.texts_of(source)) == {
        "Column “{name}” has {count} rows.",
        "Nothing is left.",
        "Only {rows} of {rows2} are left.",
    }


@pytest.mark.parametrize(
    "code",
    [
        'execute("SELECT * FROM entries WHERE name = ?")',
        'lines.append("from modules import runtime")',
        'code = f"{name} = {value}.copy()"',
        'path = "/usr/share/some where"',
    ],
)
def test_code_is_not_collected(tool, code):
    assert list(tool.texts_of(code)) == []

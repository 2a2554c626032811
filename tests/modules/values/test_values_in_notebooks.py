"""What notebooks show of values: tables as HTML and text, charts as images."""

from __future__ import annotations

import base64
import re
from xml.etree import ElementTree

import pandas as pd

from modules.contract import DataTable
from modules.contract.notebook_view import to_html, to_text
from modules.contract.sheet import Sheet
from modules.values.evaluation import Evaluation, EvaluationReport


def test_a_table_shows_its_first_rows_and_its_size() -> None:
    table = DataTable(pd.DataFrame({"a<b": range(1234), "x": [0.5] * 1233 + [None]}))
    shown = table._repr_mimebundle_()
    assert shown["text/html"].count("<tr>") == 1 + 10
    assert "<th>a&lt;b</th>" in shown["text/html"]
    assert "<p>1,234 rows, 2 columns</p>" in shown["text/html"]
    assert shown["text/plain"].splitlines() == [
        "a<b  x",
        *(f"{number:<5}0.5" for number in range(10)),
        "1,234 rows, 2 columns",
    ]


def test_long_tables_are_cut_and_missing_values_empty() -> None:
    sheet = Sheet(("n", "value"), tuple((number, None) for number in range(60)), "Sorted.")
    html, text = to_html({"<Title>": sheet}, {}), to_text({"<Title>": sheet})
    assert html.startswith("<h4>&lt;Title&gt;</h4>")
    assert html.count("<tr>") == 1 + 50
    assert "<td>49</td><td></td>" in html
    assert "The first 50 of 60 rows. Sorted." in html
    assert text.splitlines()[0] == "<Title>"
    assert text.splitlines()[-1] == "The first 50 of 60 rows. Sorted."


def test_an_evaluation_shows_its_roc_curve_and_confusion_matrix() -> None:
    # Scores 0.9 and 0.2 of the positives, 0.6 of the negative one: worked out by hand.
    thresholds = pd.DataFrame(
        {
            "threshold": [float("inf"), 0.9, 0.6, 0.2],
            "true_positives": [0, 1, 1, 2],
            "false_positives": [0, 0, 1, 1],
        }
    )
    report = EvaluationReport(
        "Learner & co",
        "two-class",
        {"AUC": 0.5, "Recall": float("nan")},
        thresholds=thresholds,
        positives=2,
        negatives=1,
        positive="y",
        classes=("n", "y"),
        confusion=pd.DataFrame([[0, 1], [1, 1]], index=["n", "y"], columns=["n", "y"]),
    )
    shown = Evaluation((report,))._repr_mimebundle_()
    html = shown["text/html"]
    assert "<th>Learner &amp; co</th>" in html
    assert "<h4>Confusion matrix</h4>" in html
    assert "<td>actual n</td><td>0</td><td>1</td>" in html
    (encoded,) = re.findall(r'alt="ROC curve" src="data:image/svg\+xml;base64,([^"]+)"', html)
    svg = ElementTree.fromstring(base64.b64decode(encoded))
    (line,) = svg.iter("{http://www.w3.org/2000/svg}polyline")
    # A square of 240 pixels from (48, 12).
    assert line.get("points") == "48.0,252.0 48.0,132.0 288.0,132.0 288.0,12.0"
    assert shown["text/plain"].splitlines()[1] == "AUC     0.5"


def test_residuals_are_a_histogram_of_bars() -> None:
    residuals = pd.DataFrame({"low": [-1.0, 0.0], "high": [0.0, 1.0], "count": [1, 4]})
    report = EvaluationReport("Learner", "regression", {"MAE": 0.1}, residuals=residuals)
    other = EvaluationReport("Other", "regression", {"MAE": 0.2}, residuals=residuals)
    charts = Evaluation((report, other)).charts()
    assert list(charts) == ["Residuals of Learner", "Residuals of Other"]
    svg = ElementTree.fromstring(charts["Residuals of Learner"])
    bars = [each for each in svg if each.tag.endswith("rect") and each.get("fill") == "#2f6fc4"]
    assert [bar.get("height") for bar in bars] == ["60.0", "240.0"]

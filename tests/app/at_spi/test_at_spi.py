"""The window through the accessibility bus of Linux, in which screen readers read it."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from designer.pipeline import edits
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Endpoint, Pipeline

ROOT = Path(__file__).resolve().parents[3]

DATA = ROOT / "samples" / "data" / "automobile_price.csv"

SYSTEM_PYTHON = "/usr/bin/python3"

SECONDS = 600
"""For the start of the window and all that is done in it, on a busy computer too."""

NOTHING = 77
"""What the reader returns if no application comes to the bus."""

SESSION = """
"$LAUNCHER" --launch-immediately & launcher=$!
"$PROGRAM" -m designer ${PIPELINE:+"$PIPELINE"} & window=$!
"$READER" -B "$SCRIPT" "$SECONDS" "$@"
status=$?
kill $window $launcher
wait $window
exit $status
"""


def launcher() -> str | None:
    folders = (Path("/usr/libexec"), Path("/usr/lib/at-spi2-core"))
    found = (folder / "at-spi-bus-launcher" for folder in folders)
    return next((str(file) for file in found if file.is_file()), None)


def has_reader() -> bool:
    if not Path(SYSTEM_PYTHON).is_file():
        return False
    return (
        subprocess.run([SYSTEM_PYTHON, "-c", "import pyatspi"], capture_output=True).returncode == 0
    )


pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        not (
            sys.platform == "linux"
            and shutil.which("Xvfb")
            and shutil.which("dbus-run-session")
            and launcher()
            and has_reader()
        ),
        reason="needs Xvfb, D-Bus, at-spi2-core, and python3-pyatspi",
    ),
]


@pytest.fixture
def display():
    """A screen that nobody sees."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1400x900x24"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as number:
        yield f":{number.readline().strip()}"
    server.terminate()
    server.wait()


@pytest.fixture
def listen(display, tmp_path):
    """Start the application, let a program of this folder use it, and return what it prints."""

    def run(program: str, *arguments: str, pipeline: str = "") -> dict[str, Any]:
        environment = {
            **os.environ,
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            "HOME": str(tmp_path),
            "MODELDESK_WORKSPACE": str(tmp_path / "workspace"),
            "LAUNCHER": launcher() or "",
            "PROGRAM": sys.executable,
            "PIPELINE": pipeline,
            "READER": SYSTEM_PYTHON,
            "SCRIPT": str(Path(__file__).with_name(program)),
            "SECONDS": str(SECONDS),
        }
        done = subprocess.run(
            ["dbus-run-session", "--", "bash", "-c", SESSION, "session", *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS + 120,
        )
        if done.returncode == NOTHING:
            pytest.skip("no application comes to the accessibility bus of this computer")
        assert done.returncode == 0, done.stderr[-3000:]
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    return run


def test_a_pipeline_is_run_and_read_through_the_accessibility_tree_alone(listen):
    found = listen("reader.py", pipeline=str(ROOT / "samples" / "automobile_price.pipeline.json"))
    names = [name for _, name in found["children"]]
    assert {role for role, _ in found["children"]} == {"list item"}
    assert "Train Model" in names
    assert "Link from Linear Regression to Train Model, untrained model" in names
    assert any(name.startswith("Note: Predict what a car costs") for name in names)
    links = "Untrained model from Linear Regression; Dataset from Split Data, results dataset1"
    assert "Completed" in found["description"] or "Reused" in found["description"]
    assert links in found["description"]
    assert [name for name, _ in found["ports"]] == [
        "Input: Untrained model",
        "Input: Dataset",
        "Output: Trained model",
    ]
    collapsed, below = found["outline"]
    assert collapsed
    assert [text.partition(":")[0] for text in below] == ["Input", "Input", "Output"]
    assert any(text.startswith("Train Model. Fits the price") for text in found["heard"])


def cars() -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Return the rows to train with, those to measure with, and what Ridge predicts for them."""
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import train_test_split
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    frame = pd.read_csv(DATA).drop(columns="normalized-losses").dropna()
    train, test = train_test_split(frame.reset_index(drop=True), train_size=0.7, random_state=0)
    texts = list(frame.select_dtypes(exclude="number"))
    encoder = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), texts), remainder="passthrough"
    )
    features = [name for name in frame if name != "price"]
    model = make_pipeline(encoder, Ridge(alpha=0.001, solver="cholesky"))
    model.fit(train[features], train["price"])
    return train, test, model.predict(test[features])


def test_a_pipeline_is_built_run_and_read_through_the_accessibility_tree_alone(listen):
    found = listen("builder.py", str(DATA))
    assert found["rule"] == [["Rule 1: action"], "Exclude"]
    assert "normalized-losses" not in found["preview"]

    # Each card with its state and links, as they are spoken.
    cards = found["cards"]
    assert len(cards) == 8
    assert all(text.startswith("Completed in ") for text in cards.values())
    assert cards["Train Model"].endswith(
        ". Untrained model from Linear Regression; Dataset from Split Data, results dataset1; "
        "Trained model to Score Model, trained model"
    )
    assert "Link from Split Data, results dataset2 to Score Model, dataset" in found["links"]
    assert len(found["links"]) == 8

    # What is announced: each new card, a problem, the end of the run, and what is out of date.
    heard = found["heard"]
    assert "Train Model. Untrained model: not linked; Dataset: not linked" in heard
    assert found["refused"].split(".")[0].endswith((" error", " errors"))
    assert found["unlinked"].startswith("Score Model. ")
    assert found["problem"].startswith(
        "Select Columns in Dataset. 1 error: No columns are chosen. Choose the columns. "
    )
    assert len([text for text in heard if text.startswith("Run: Completed in ")]) == 1
    assert found["stale"].startswith("Train Model. Changed since its last run. Untrained model")

    # The numbers that are read are those of pandas and scikit-learn.
    _, test, predicted = cars()
    actual = test["price"].to_numpy()
    errors = actual - predicted
    spread = actual - actual.mean()
    expected = {
        "Mean absolute error": abs(errors).mean(),
        "Root mean squared error": math.sqrt((errors**2).mean()),
        "Relative absolute error": abs(errors).sum() / abs(spread).sum(),
        "Relative squared error": (errors**2).sum() / (spread**2).sum(),
        "Coefficient of determination": 1 - (errors**2).sum() / (spread**2).sum(),
    }
    read = {name: float(text) for name, text in found["metrics"].items()}
    assert read == pytest.approx(expected, rel=1e-6)

    # Tables cell by cell, each cell with its header.
    assert found["window"] == "Evaluate Model (evaluate_model) – ModelDesk"
    heads = [[head for head, _ in row] for row in found["residuals"]]
    assert heads == [["Actual minus predicted from", "Actual minus predicted to", "Rows"]] * len(
        heads
    )
    for (_, low), (_, high), (_, count) in found["residuals"]:
        inside = (errors >= float(low) - 0.1) & (errors <= float(high) + 0.1)
        assert int(count) == inside.sum()
    for row, (_, car), price in zip(
        found["scored"], test.head(3).iterrows(), predicted, strict=False
    ):
        cells = dict(row)
        assert list(cells) == [*test.columns, "Scored Labels"]
        assert cells["make"] == car["make"]
        assert float(cells["Scored Labels"].replace(",", "")) == pytest.approx(price, rel=1e-3)


def kinds() -> Pipeline:
    """Return a pipeline that learns three classes, two rows of which look like another class."""
    rows = [(0, "a")] * 20 + [(0, "b")] * 2 + [(10, "b")] * 20 + [(20, "c")] * 20
    data = "".join(f"{x},{kind}\n" for x, kind in rows)
    modules: dict[str, dict[str, Any]] = {
        "enter_data_manually": {"data": f"x,kind\n{data}"},
        "multiclass_logistic_regression": {},
        "train_model": {"label_column": ["kind"]},
        "score_model": {},
        "evaluate_model": {},
    }
    pipeline = Pipeline()
    for row, (module, parameters) in enumerate(modules.items()):
        pipeline, _ = edits.add_node(
            pipeline, module, position=(0, 150 * row), parameters=parameters
        )
    for source, target in (
        ("multiclass_logistic_regression.untrained_model", "train_model.untrained_model"),
        ("enter_data_manually.dataset", "train_model.dataset"),
        ("train_model.trained_model", "score_model.trained_model"),
        ("enter_data_manually.dataset", "score_model.dataset"),
        ("score_model.scored_dataset", "evaluate_model.scored_dataset"),
    ):
        ends = (Endpoint(*end.split(".")) for end in (source, target))
        pipeline = edits.connect(pipeline, *ends)
    return pipeline


def test_a_refusal_is_heard_and_a_confusion_matrix_is_read(listen, tmp_path):
    file = tmp_path / "kinds.pipeline.json"
    file.write_text(pipeline_file.dumps(kinds()), encoding="utf-8")
    found = listen("matrix_reader.py", pipeline=str(file))
    assert found["refusal"] == "These modules have no compatible ports."
    assert "actual b, predicted a: 2 (9.1% of its row)" in found["description"]
    heads = ["Actual", "Predicted a", "Predicted b", "Predicted c"]
    counts = [["a", "20", "0", "0"], ["b", "2", "20", "0"], ["c", "0", "0", "20"]]
    assert found["matrix"] == [
        [list(pair) for pair in zip(heads, row, strict=True)] for row in counts
    ]
    # Rows where x is 0 are taken for “a”, the two of “b” among them.
    read = {(dict(row)["Class"]): dict(row)["Rows"] for row in found["classes"]}
    assert read == {"a": "20", "b": "22", "c": "20"}
    assert dict(found["classes"][0])["Precision"] == f"{20 / 22:.4f}"
    assert dict(found["classes"][1])["Recall"] == f"{20 / 22:.4f}"


def opinions(file: Path) -> None:
    """Write sentences about rooms: those that were liked have other words in them."""
    draw = np.random.default_rng(3)
    words = {"yes": "good great lovely warm kind", "no": "bad awful cold rude dark"}
    rows = ["opinion,liked"]
    for number in range(120):
        liked = ("yes", "no")[number % 2]
        said = draw.choice(words[liked].split(), 2, replace=False)
        about = draw.choice(["room", "staff", "bed", "view", "street"], 3, replace=False)
        rows.append(f"{' '.join(draw.permutation([*said, *about]))},{liked}")
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")


def test_a_text_model_is_compared_deployed_and_asked_through_the_tree_alone(listen, tmp_path):
    file = tmp_path / "opinions.csv"
    opinions(file)
    try:
        found = listen("analyst.py", str(file), str(tmp_path / "opinions"))
    finally:
        # An endpoint outlives the window.
        stop = ("-m", "designer", "endpoints", "stop", "opinions")
        workspace = ("--workspace", str(tmp_path / "workspace"))
        subprocess.run([sys.executable, *stop, *workspace], cwd=ROOT, capture_output=True)
    assert found["differs"] == [
        "Two-Class Logistic Regression: L2 regularization weight",
        "1",
        "50",
    ]
    # Each step of the deployment is heard, once and in its order, and where it ended.
    *steps, end = found["deployed"]
    assert end == "“opinions” is running, version 1."
    assert [each.partition(":")[0] for each in steps][-3:] == [
        "Register the model",
        "Deploy",
        "Test the endpoint",
    ]
    assert len(set(steps)) == len(steps)
    # What is heard of each response is what is in it.
    liked, disliked = (dict(re.findall(r"(.+): (.+)", each)) for each in found["answers"])
    assert (liked["Scored Labels"], disliked["Scored Labels"]) == ("yes", "no")
    assert float(liked["Scored Probabilities"]) > 0.5 > float(disliked["Scored Probabilities"])
    (row,) = json.loads(found["response"])["Results"].popitem()[1]
    assert row["Scored Labels"] == "no"
    assert row["Scored Probabilities"] == pytest.approx(
        float(disliked["Scored Probabilities"]), abs=1e-6
    )

"""Train and Score Vowpal Wabbit Model, against the library called directly and a known function."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.utils import murmurhash3_32

from modules.contract import DataTable, ModuleError
from modules.values import Files, TrainedModel
from modules.values.storage import load, save

vowpalwabbit = pytest.importorskip("vowpalwabbit", reason="Vowpal Wabbit isn't installed")

from modules.text_analytics.score_vowpal_wabbit_model import (  # noqa: E402
    score_vowpal_wabbit_model,
)
from modules.text_analytics.train_vowpal_wabbit_model import (  # noqa: E402
    train_vowpal_wabbit_model,
)


def lines(count: int = 300) -> list[str]:
    """Return examples of the function 2a - b."""
    rng = np.random.default_rng(2)
    return [f"{2 * a - b:.5f} | a:{a:.5f} b:{b:.5f}" for a, b in rng.random((count, 2))]


def table(given: list[str]) -> DataTable:
    return DataTable(pd.DataFrame({"n": range(len(given)), "example": given}))


def test_a_known_function_is_learned() -> None:
    model = train_vowpal_wabbit_model(
        table(lines()), vw_arguments="--passes 20 --holdout_off", output_inverted_hash=True
    )
    scored = score_vowpal_wabbit_model(
        model, table(lines()), include_labels=True, include_raw_scores=True
    ).frame
    assert scored.columns.tolist() == ["Labels", "Results", "Raw Scores"]
    np.testing.assert_allclose(scored["Results"], scored["Labels"], atol=0.01)
    weights = {
        row[0].split(":")[0]: float(row[0].split(":")[2])
        for row in model.sheets()["Inverted hash"].rows
        if str(row[0]).startswith(("a:", "b:"))
    }
    assert weights == pytest.approx({"a": 2, "b": -1}, abs=0.01)


@pytest.mark.proves("train_vowpal_wabbit_model", "score_vowpal_wabbit_model", by="vowpalwabbit")
def test_scores_are_those_of_the_library() -> None:
    options = ["--loss_function", "logistic", "-l", "0.3", "-q", "::"]
    signs = [
        f"{1 if float(line.split()[0]) > 0.5 else -1} {line.partition(' ')[2]}" for line in lines()
    ]
    workspace = vowpalwabbit.Workspace(arg_list=["--quiet", *options])
    for line in signs:
        workspace.learn(line)
    expected = [workspace.predict(line.partition(" ")[2]) for line in signs]
    workspace.finish()
    model = train_vowpal_wabbit_model(table(signs), vw_arguments=" ".join(options))
    scored = score_vowpal_wabbit_model(model, table(signs)).frame
    np.testing.assert_allclose(scored["Results"], expected, atol=1e-4)
    linked = score_vowpal_wabbit_model(model, table(signs), vw_arguments="--link logistic").frame
    np.testing.assert_allclose(linked["Results"], 1 / (1 + np.exp(-np.array(expected))), atol=1e-4)


def test_training_continues() -> None:
    first = train_vowpal_wabbit_model(table(lines()[:5]))
    more = train_vowpal_wabbit_model(table(lines()), first)
    errors = [
        (score_vowpal_wabbit_model(model, table(lines()), include_labels=True).frame).pipe(
            lambda found: (found["Labels"] - found["Results"]).abs().mean()
        )
        for model in (first, more)
    ]
    assert errors[1] < errors[0] / 2


def test_files_and_svmlight(tmp_path: Path) -> None:
    (tmp_path / "train.vw").write_text("\n".join(lines()) + "\n")
    svm = [line.replace("|", "").replace("a:", "1:").replace("b:", "2:") for line in lines()]
    (tmp_path / "train.svm").write_text("# made by hand\n" + "\n".join(svm) + "\n")
    files = Files(tmp_path)
    with pytest.raises(ModuleError, match="several files"):
        train_vowpal_wabbit_model(files)
    model = train_vowpal_wabbit_model(files, file_name="train.vw")
    known = train_vowpal_wabbit_model(table(lines()))
    assert model.model == known.model  # type: ignore[attr-defined]
    other = train_vowpal_wabbit_model(files, file_name="train.svm", file_type="SVMLight")
    scored = score_vowpal_wabbit_model(
        other, files, file_name="train.svm", file_type="SVMLight", include_labels=True
    )
    assert len(scored) == 300
    with pytest.raises(ModuleError, match="Line 1 isn't in SVMLight"):
        train_vowpal_wabbit_model(table(["1 | a:1"]), file_type="SVMLight")


def test_several_scores_are_text() -> None:
    classes = [f"{index % 3 + 1} | f{index % 3}" for index in range(60)]
    model = train_vowpal_wabbit_model(table(classes), vw_arguments="--oaa 3")
    plain = score_vowpal_wabbit_model(model, table(classes[:3])).frame
    assert plain["Results"].tolist() == [1, 2, 3]
    scored = score_vowpal_wabbit_model(model, table(classes[:3]), vw_arguments="--scores").frame
    assert all(text.startswith("1:") for text in scored["Results"])


def test_a_model_survives_the_store(tmp_path: Path) -> None:
    model = train_vowpal_wabbit_model(table(lines()), output_readable_model=True)
    save(model, tmp_path / "m")
    again = load(tmp_path / "m")
    assert isinstance(again, TrainedModel)
    found = [score_vowpal_wabbit_model(each, table(lines())).frame for each in (model, again)]
    pd.testing.assert_frame_equal(*found)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("-f /tmp/x", "“-f”"),
        ("-d/etc/passwd", "“-d”"),
        ("--final_regressor=/tmp/x", "“--final_regressor”"),
        ("--readable_model x", "“--readable_model”"),
        ("--feature_mask x", "“--feature_mask”"),
        ("--lda 5", "“--lda”"),
        ("--search 3", "“--search”"),
        ("--active", "“--active”"),
        ("--cb 2", "“--cb”"),
        ("--bfgs --passes 5", "“--bfgs”"),
        ("'unclosed", "can't be split"),
        ("-infinity", "“-i”"),
        ("'--ignore --final_regressor'", "contains a space"),
        ("--passes many", "can't process"),
    ],
)
def test_arguments_that_are_not_for_learning_are_refused(arguments: str, words: str) -> None:
    with pytest.raises(ModuleError) as caught:
        train_vowpal_wabbit_model(table(lines(5)), vw_arguments=arguments)
    assert words in caught.value.message
    assert caught.value.parameter == "vw_arguments"
    assert caught.value.hint


def forged(model: bytes, options: str, version: str) -> bytes:
    """Return the file of a model without n-grams with other options, and their checksum."""
    start = 4 + len("9.11.9") + 1 + 4 + 1
    numbers = start + 1 + 4 * 6
    old = int.from_bytes(model[numbers : numbers + 4], "little")
    text, release = options.encode() + b"\0", version.encode() + b"\0"
    parts = [model[start - 5 : start - 1], model[start - 1 : start], model[start : start + 1]]
    parts += [model[at : at + 4] for at in range(start + 1, numbers, 4)]
    parts += [len(text).to_bytes(4, "little"), text]
    found = 0
    for part in parts:
        found = murmurhash3_32(part, seed=found, positive=True)
    head = len(release).to_bytes(4, "little") + release + b"".join(parts)
    checksum = (4).to_bytes(4, "little") + int(found).to_bytes(4, "little")
    return head + checksum + model[numbers + 4 + old + 8 :]


@pytest.mark.parametrize("version", ["9.0.0", "9.11.9", "9.99.9", "8.11.0"])
@pytest.mark.parametrize("option", ["--final_regressor", "--readable_model", "--cache_file"])
def test_options_in_a_stored_model_write_no_file(option: str, version: str, tmp_path: Path) -> None:
    model = train_vowpal_wabbit_model(table(lines()), vw_arguments="-q ab")
    save(model, tmp_path / "m")
    file, stolen = tmp_path / "m" / "model.vw", tmp_path / "stolen"
    content = file.read_bytes()
    assert forged(content, " --quadratic ab", "9.11.9") == content
    file.write_bytes(forged(content, f" --quadratic ab {option} {stolen}", version))

    with pytest.raises(ModuleError, match=r"options that can't be used|model of Vowpal Wabbit 9"):
        score_vowpal_wabbit_model(load(tmp_path / "m"), table(lines(5)))  # type: ignore[arg-type]
    assert not stolen.exists()

    # The library obeys them.
    (tmp_path / "data").write_text("\n".join(lines(5)), "utf-8")
    given = ["--quiet", "-t", "-i", str(file), "-d", str(tmp_path / "data")]
    vowpalwabbit.Workspace(arg_list=given).finish()
    assert stolen.exists()


def test_data_without_examples_is_refused() -> None:
    for given, code in (
        (DataTable(pd.DataFrame({"n": [1]})), "no-text"),
        (table([" "]), "too-few-rows"),
    ):
        with pytest.raises(ModuleError) as caught:
            train_vowpal_wabbit_model(given)
        assert caught.value.code == code

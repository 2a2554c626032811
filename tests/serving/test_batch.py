"""Files scored with a package."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from serving_examples import LABEL, Trained, people, same_scores

from designer.serving import ServingError
from designer.serving.batch import SUFFIXES, score_file
from designer.serving.deploying import Packed

READERS = {
    ".csv": pd.read_csv,
    ".tsv": lambda path: pd.read_csv(path, sep="\t"),
    ".parquet": pd.read_parquet,
    ".jsonl": lambda path: pd.read_json(path, lines=True),
}


@pytest.fixture
def package(packed: Packed) -> Path:
    return packed.package.folder


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_gets_the_scores_of_the_pipeline(
    package: Path, trained: Trained, tmp_path: Path, suffix: str
) -> None:
    data, target = tmp_path / "rows.csv", tmp_path / f"scores{suffix}"
    frame = pd.DataFrame(trained.rows).assign(id=range(len(trained.rows)))
    frame.to_csv(data, index=False)

    made = score_file(package, data, target)

    scored = READERS[suffix](target)
    assert (made.rows, made.left_out) == (len(frame), 0)
    assert same_scores(scored.to_dict("records"), trained.expected)
    assert scored["id"].tolist() == frame["id"].tolist()


def test_a_file_without_a_column_is_refused_by_name(package: Path, tmp_path: Path) -> None:
    data = tmp_path / "rows.csv"
    people().rename(columns={"price": "prise"}).to_csv(data, index=False)

    with pytest.raises(ServingError, match="no column “price”") as caught:
        score_file(package, data, tmp_path / "scores.csv")
    assert "prise" in caught.value.hint
    assert not (tmp_path / "scores.csv").exists()


def test_a_column_of_another_type_is_refused_by_name(package: Path, tmp_path: Path) -> None:
    data = tmp_path / "rows.csv"
    people().assign(age="old").to_csv(data, index=False)

    with pytest.raises(ServingError, match="“age” holds texts; the model takes whole numbers"):
        score_file(package, data, tmp_path / "scores.csv")


def test_incomplete_rows_are_refused_or_left_out(
    package: Path, trained: Trained, tmp_path: Path
) -> None:
    data, target = tmp_path / "rows.csv", tmp_path / "scores.csv"
    frame = pd.DataFrame(trained.rows)
    frame.loc[[1, 4], "age"] = None
    frame.to_csv(data, index=False)

    with pytest.raises(ServingError, match="“age” has no value in row 2 and 1 more"):
        score_file(package, data, target)
    made = score_file(package, data, target, skip_incomplete=True)

    assert (made.rows, made.left_out) == (len(frame) - 2, 2)
    expected = [row for place, row in enumerate(trained.expected) if place not in (1, 4)]
    assert same_scores(pd.read_csv(target).to_dict("records"), expected)


def test_other_wrong_input_is_a_sentence(
    package: Path, scripted_packed: Packed, tmp_path: Path
) -> None:
    data = tmp_path / "rows.csv"
    people(5).drop(columns=LABEL).to_csv(data, index=False)
    target = tmp_path / "scores.csv"

    with pytest.raises(ServingError, match="no suffix that says its format"):
        score_file(package, data, tmp_path / "scores.doc")
    with pytest.raises(ServingError, match="There is no file"):
        score_file(package, tmp_path / "none.csv", target)
    with pytest.raises(ServingError, match="is no scoring package"):
        score_file(tmp_path, data, target)
    with pytest.raises(ServingError, match="runs code of its author"):
        score_file(scripted_packed.package.folder, data, target)
    assert score_file(scripted_packed.package.folder, data, target, allow_code=True).rows == 5

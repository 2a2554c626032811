"""Files scored with a package."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from serving_examples import (
    LABEL,
    TOWNS,
    Trained,
    azure_request,
    people,
    same_scores,
    train,
)

from designer.deployment import ServingError
from designer.deployment.batch import batch
from designer.deployment.batch import files as batch_files
from designer.deployment.batch.batch import REASON, score_file
from designer.deployment.batch.files import SUFFIXES
from designer.deployment.deploying import Packed, pack
from designer.pipeline import edits
from designer.pipeline.file import read, write
from designer.pipeline.model import Endpoint
from modules.contract.context import ModuleWarning

READERS: dict[str, Callable[[Path], pd.DataFrame]] = {
    ".csv": pd.read_csv,
    ".tsv": lambda path: pd.read_csv(path, sep="\t"),
    ".parquet": pd.read_parquet,
    ".jsonl": lambda path: pd.read_json(path, lines=True),
}


@pytest.fixture
def package(packed: Packed) -> Path:
    return packed.package.folder


@pytest.fixture(scope="session")
def two_ways(
    packed: Packed, trained: Trained, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """Return packages of the same pipeline with another output, or another input too."""
    folder = tmp_path_factory.mktemp("two")

    def make(what: str) -> Path:
        made = folder / what
        if made.exists():
            return made
        home = folder / f"{what}-pipeline"
        shutil.copytree(packed.package.folder, home)
        pipeline = read(home / "pipeline.pipeline.json")
        pipeline, output = edits.add_node(
            pipeline, "web_service_output", parameters={"name": "before"}
        )
        (first,) = [n for n, node in pipeline.nodes.items() if node.module == "web_service_input"]
        source = Endpoint(first, "dataset")
        if what == "inputs":
            plain = dict(pipeline.nodes[first].parameters)
            pipeline, second = edits.add_node(
                pipeline, "web_service_input", parameters={**plain, "name": "others"}
            )
            source = Endpoint(second, "dataset")
        pipeline = edits.connect(pipeline, source, Endpoint(output, "dataset"))
        file = home / "two.pipeline.json"
        write(pipeline, file)
        pack(trained.workspace, file, made, "two")
        return made

    return make


def rows_file(folder: Path, rows: Any, name: str = "rows.csv") -> Path:
    file = folder / name
    frame = pd.DataFrame(rows)
    frame.to_parquet(file) if file.suffix == ".parquet" else frame.to_csv(file, index=False)
    return file


@pytest.mark.parametrize("source", [".csv", ".parquet"])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_gets_the_scores_of_the_pipeline(
    package: Path, trained: Trained, tmp_path: Path, suffix: str, source: str
) -> None:
    target = tmp_path / f"scores{suffix}"
    frame = pd.DataFrame(trained.rows).assign(id=range(len(trained.rows)))
    data = rows_file(tmp_path, frame[["age", "id", "town", "price", "member"]], f"rows{source}")

    made = score_file(package, data, target)

    scored = READERS[suffix](target)
    assert (made.rows, made.bad_rows) == (len(frame), 0)
    assert same_scores(scored.to_dict("records"), trained.expected)
    assert scored["id"].tolist() == frame["id"].tolist()
    # The columns of the file come first, as it has them.
    assert list(scored)[:2] == ["age", "id"]
    assert set(tmp_path.iterdir()) == {data, target}


def test_a_file_gets_the_scores_of_the_endpoint(
    package: Path, trained: Trained, client: httpx.Client, tmp_path: Path
) -> None:
    target = tmp_path / "scores.parquet"
    rows = trained.rows[:40]

    score_file(package, rows_file(tmp_path, rows), target)

    answer = client.post("/score", json=azure_request(*rows)).json()
    assert same_scores(pd.read_parquet(target).to_dict("records"), answer["Results"]["output1"])


def test_a_file_in_parts_is_the_file_at_once(
    package: Path, trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = rows_file(tmp_path, trained.rows)
    score_file(package, data, tmp_path / "once.parquet")
    monkeypatch.setattr(batch, "CHUNK", 7)
    seen: list[tuple[int, int]] = []

    score_file(
        package, data, tmp_path / "parts.parquet", on_progress=lambda *rows: seen.append(rows)
    )

    count = len(trained.rows)
    assert seen == [(min(done, count), count) for done in range(0, count + 7, 7)]
    one, two = (pd.read_parquet(tmp_path / f"{name}.parquet") for name in ("once", "parts"))
    pd.testing.assert_frame_equal(one, two)


def test_steps_that_may_look_at_all_rows_see_all_of_them(
    scripted_packed: Packed, scripted: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "CHUNK", 7)
    seen: list[tuple[int, int]] = []
    score_file(
        scripted_packed.package.folder,
        rows_file(tmp_path, scripted.rows),
        tmp_path / "scores.csv",
        allowed={"code"},
        on_progress=lambda *rows: seen.append(rows),
    )
    assert seen == [(0, len(scripted.rows)), (len(scripted.rows), len(scripted.rows))]
    scored = pd.read_csv(tmp_path / "scores.csv").to_dict("records")
    assert same_scores(scored, scripted.expected)


def test_several_outputs_are_a_file_each(
    two_ways: Callable[[str], Path], trained: Trained, tmp_path: Path
) -> None:
    data = rows_file(tmp_path, trained.rows)

    made = score_file(two_ways("outputs"), data, tmp_path / "scores.csv")

    names = {name: file.name for name, file in made.files.items()}
    assert names == {"output1": "scores_output1.csv", "before": "scores_before.csv"}
    scored = pd.read_csv(made.files["output1"])
    assert same_scores(scored.to_dict("records"), trained.expected)
    pd.testing.assert_frame_equal(pd.read_csv(made.files["before"]), pd.read_csv(data))


def test_several_inputs_are_a_file_each(
    two_ways: Callable[[str], Path], trained: Trained, tmp_path: Path
) -> None:
    package, target = two_ways("inputs"), tmp_path / "scores.csv"
    data = rows_file(tmp_path, trained.rows)
    other = rows_file(tmp_path, trained.rows[:3], "other.csv")

    made = score_file(package, {"input1": data, "others": other}, target)

    assert same_scores(pd.read_csv(made.files["output1"]).to_dict("records"), trained.expected)
    assert len(pd.read_csv(made.files["before"])) == 3
    with pytest.raises(ServingError, match="has 2 inputs"):
        score_file(package, data, target)
    with pytest.raises(ServingError, match="“others” has no file"):
        score_file(package, {"input1": data}, target)
    with pytest.raises(ServingError, match="no input “input3”"):
        score_file(package, {"input1": data, "input3": other}, target)
    with pytest.raises(ServingError, match="belong together"):
        score_file(package, {"input1": data, "others": other}, target, bad_rows="keep")
    lacking = rows_file(tmp_path, [{"age": 1}], "lacking.csv")
    with pytest.raises(ServingError, match=r"“lacking\.csv”: The file has no column “price”"):
        score_file(package, {"input1": data, "others": lacking}, target)


def test_a_file_without_a_column_is_refused_by_name(package: Path, tmp_path: Path) -> None:
    data = rows_file(tmp_path, people().rename(columns={"price": "prise"}))

    with pytest.raises(ServingError, match="no column “price”") as caught:
        score_file(package, data, tmp_path / "scores.csv", bad_rows="keep")
    assert "prise" in caught.value.hint
    assert not (tmp_path / "scores.csv").exists()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"age": "old"}, "“age” contains text; the model needs integers"),
        ({"age": True}, "“age” contains Boolean values; the model needs integers"),
        ({"age": 30.5}, "“age” contains numbers; the model needs integers"),
        ({"member": 1}, "“member” contains integers; the model needs Boolean values"),
    ],
)
def test_a_column_of_another_type_is_refused_by_name(
    package: Path, tmp_path: Path, changed: dict[str, Any], said: str
) -> None:
    data = rows_file(tmp_path, people().assign(**changed))

    with pytest.raises(ServingError, match=said):
        score_file(package, data, tmp_path / "scores.csv", bad_rows="keep")


BAD = {
    1: ({"age": None}, "The column “age” has no value."),
    4: ({"age": "old"}, "The column “age” needs an integer, not “old”."),
    5: (
        {"town": "Osslo"},
        "The model doesn't know the value “Osslo” of “town”. Did you mean “Oslo”?",
    ),
    8: ({"price": "inf"}, "The column “price” needs a number, not “inf”."),
}
"""Rows that can't be scored, and why."""


@pytest.fixture
def bad_file(trained: Trained, tmp_path: Path) -> Path:
    frame = pd.DataFrame(trained.rows).astype(object).assign(id=range(len(trained.rows)))
    for place, (values, _) in BAD.items():
        for name, value in values.items():
            frame.loc[place, name] = value
    return rows_file(tmp_path, frame)


def test_rows_that_can_not_be_scored_refuse_the_file(bad_file: Path, package: Path) -> None:
    target = bad_file.with_name("scores.csv")
    target.write_text("as it was")

    with pytest.raises(ServingError, match=r"Row 5 can't be scored\..*“age”.*not “old”"):
        score_file(package, bad_file, target)

    assert target.read_text() == "as it was"
    assert set(bad_file.parent.iterdir()) == {bad_file, target}


def test_rows_that_can_not_be_scored_are_left_out(
    bad_file: Path, package: Path, trained: Trained
) -> None:
    target = bad_file.with_name("scores.csv")

    made = score_file(package, bad_file, target, bad_rows="leave-out")

    count = len(trained.rows)
    assert (made.rows, made.bad_rows) == (count - len(BAD), len(BAD))
    expected = [row for place, row in enumerate(trained.expected) if place not in BAD]
    scored = pd.read_csv(target)
    assert same_scores(scored.to_dict("records"), expected)
    assert scored["id"].tolist() == [place for place in range(count) if place not in BAD]
    assert REASON not in scored


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_rows_that_can_not_be_scored_are_kept_with_the_reason(
    bad_file: Path, package: Path, trained: Trained, suffix: str
) -> None:
    target = bad_file.with_name(f"scores{suffix}")

    made = score_file(package, bad_file, target, bad_rows="keep")

    assert (made.rows, made.bad_rows) == (len(trained.rows), len(BAD))
    scored = READERS[suffix](target)
    assert scored["id"].tolist() == list(range(len(trained.rows)))
    assert scored.columns[-1] == REASON
    reasons = scored[REASON].dropna()
    assert dict(reasons) == {place: said for place, (_, said) in BAD.items()}
    assert scored.loc[list(BAD), "Scored Labels"].isna().all()
    sound = scored.drop(index=list(BAD))
    expected = [row for place, row in enumerate(trained.expected) if place not in BAD]
    assert same_scores(sound.to_dict("records"), expected)


@pytest.mark.long
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {
                "age": st.one_of(st.integers(18, 80), st.none()),
                "price": st.one_of(st.floats(0, 200), st.none()),
                "town": st.sampled_from([*TOWNS, "Nowhere", None]),
                "member": st.one_of(st.booleans(), st.none()),
            }
        ),
        min_size=1,
        max_size=6,
    )
)
def test_a_row_is_scored_where_the_endpoint_answers(
    package: Path, client: httpx.Client, tmp_path: Path, rows: list[dict[str, Any]]
) -> None:
    """What the endpoint refuses is refused, and what it answers is scored the same."""
    answers = [client.post("/score", json=azure_request(row)) for row in rows]
    sound = [answer.status_code == 200 for answer in answers]
    frame = pd.DataFrame(rows).astype(
        {"age": "Int64", "price": "float64", "town": "str", "member": "boolean"}
    )
    data, target = rows_file(tmp_path, frame, "rows.parquet"), tmp_path / "scores.parquet"
    if not any(sound):
        with pytest.raises(ServingError):
            score_file(package, data, target, bad_rows="keep")
        return
    score_file(package, data, target, bad_rows="keep")
    scored = pd.read_parquet(target)
    assert scored["Scored Labels"].notna().tolist() == sound
    there = scored[scored["Scored Labels"].notna()].to_dict("records")
    expected = [a.json()["Results"]["output1"][0] for a in answers if a.status_code == 200]
    assert same_scores(there, expected)


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet"])
def test_moments_of_a_time_zone_are_written_without_a_warning(suffix: str, tmp_path: Path) -> None:
    moments = pd.date_range("2025-10-26", periods=3, freq="h", tz="Europe/Berlin", unit="us")
    frame = pd.DataFrame({"at": moments, "x": [1, 2, 3]})
    file = tmp_path / f"scores{suffix}"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        batch_files.write_files({file: frame})
    again = READERS[suffix](file)
    again["at"] = pd.to_datetime(again["at"], utc=True).dt.tz_convert("Europe/Berlin")
    pd.testing.assert_frame_equal(again, frame, check_dtype=False)


def test_nothing_half_written_is_left(
    two_ways: Callable[[str], Path], trained: Trained, tmp_path: Path, monkeypatch
) -> None:
    """The second of two files can't be written: the first stays as it was."""
    data = rows_file(tmp_path, trained.rows)
    first = tmp_path / "scores_output1.csv"
    first.write_text("as it was")
    write_one = batch_files._write
    written: list[Path] = []

    def full(frame: pd.DataFrame, file: Path, suffix: str) -> None:
        write_one(frame, file, suffix)
        written.append(file)
        if len(written) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(batch_files, "_write", full)

    with pytest.raises(OSError, match="No space left"):
        score_file(two_ways("outputs"), data, tmp_path / "scores.csv")

    assert first.read_text() == "as it was"
    assert set(tmp_path.iterdir()) == {data, first}


def test_other_wrong_input_is_a_sentence(
    package: Path, scripted_packed: Packed, tmp_path: Path
) -> None:
    data = rows_file(tmp_path, people(5).drop(columns=LABEL))
    target = tmp_path / "scores.csv"

    with pytest.raises(ServingError, match=r"“scores\.doc” has no supported file extension"):
        score_file(package, data, tmp_path / "scores.doc")
    with pytest.raises(ServingError, match="There is no file"):
        score_file(package, tmp_path / "none.csv", target)
    with pytest.raises(ServingError, match="isn't a scoring package"):
        score_file(tmp_path, data, target)
    with pytest.raises(ServingError, match=r"would overwrite the input file “rows\.csv”"):
        score_file(package, data, data)
    with pytest.raises(ServingError, match="There is no folder"):
        score_file(package, data, tmp_path / "none" / "scores.csv")
    empty = tmp_path / "empty.csv"
    empty.write_text("age,price,town,member\n")
    with pytest.warns(ModuleWarning), pytest.raises(ServingError, match="has no rows"):
        score_file(package, empty, target)
    with pytest.raises(ServingError, match="runs custom code"):
        score_file(scripted_packed.package.folder, data, target)
    assert score_file(scripted_packed.package.folder, data, target, allowed={"code"}).rows == 5


def test_codes_and_words_of_training_are_those_of_new_data(tmp_path: Path) -> None:
    """New data has no code with a zero first, and a word that usually means missing."""
    table = people()
    table["plz"] = [("01067", "10115", "80331")[row % 3] for row in range(len(table))]
    table["sport"] = [("None", "rowing")[row % 2] for row in range(len(table))]
    folder = tmp_path / "home"
    folder.mkdir()
    made = train(folder, table=table, column_types={"sport": "string"})
    package = pack(made.workspace, made.file, tmp_path / "package", "codes").package.folder
    new = tmp_path / "new.csv"
    table[table["plz"] == "10115"].head(20).to_csv(new, index=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ModuleWarning)
        scored = score_file(package, new, tmp_path / "scored.csv")
    assert (scored.rows, scored.bad_rows) == (20, 0)
    assert "None" in (tmp_path / "scored.csv").read_text("utf-8")

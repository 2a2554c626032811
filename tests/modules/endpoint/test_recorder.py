"""Recorded requests: a share, without what is left out, in files that the catalogue reads."""

from __future__ import annotations

import datetime
import threading

import pandas as pd
import pyarrow.parquet as pq
import pytest

from modules.contract import DataTable
from modules.endpoint import recorder
from modules.endpoint.recorder import RECORDED, Recorder
from modules.requests.schema import RequestSchema
from modules.requests.values import RequestColumn

INPUTS = {
    "rows": RequestSchema(
        (
            RequestColumn("年龄", "integer"),
            RequestColumn("price", "number"),
            RequestColumn("name", "string"),
        )
    )
}


def made(folder, share: float = 1.0, keep_days: int = 30, leave_out=()) -> Recorder:
    return Recorder(folder, share, keep_days, leave_out, INPUTS)


def row(number: int) -> dict:
    return {"年龄": number, "price": number / 2 if number % 2 else number, "name": f"n{number}"}


def read(folder) -> pd.DataFrame:
    files = sorted(folder.rglob("*.parquet"))
    return pd.concat([pq.read_table(file).to_pandas() for file in files], ignore_index=True)


def test_rows_and_scores_are_side_by_side_and_what_is_left_out_is_nowhere(tmp_path):
    recording = made(tmp_path, leave_out=["name"])
    before = datetime.datetime.now(datetime.UTC)
    for number in range(50):
        recording.take({"rows": [row(number)]}, {"output": [{"Scored Labels": number % 3}]})
    recording.close()
    frame = read(tmp_path)
    assert frame["年龄"].tolist() == list(range(50))
    assert frame["price"].tolist() == [row(n)["price"] for n in range(50)]
    assert frame["Scored Labels"].tolist() == [n % 3 for n in range(50)]
    assert "name" not in frame
    assert frame[RECORDED].min() >= before - datetime.timedelta(seconds=1)
    (file,) = tmp_path.rglob("*.parquet")
    types = {field.name: str(field.type) for field in pq.read_schema(file)}
    assert (types["年龄"], types["price"]) == ("int64", "double")
    assert b"n49" not in file.read_bytes()


def test_the_share_is_kept_and_threads_may_ask_at_once(tmp_path):
    recording = made(tmp_path, share=0.2)

    def ask() -> None:
        for number in range(1000):
            recording.take({"rows": [row(number)]}, {"output": [{"Scored Labels": 1}]})

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    recording.close()
    # Binomial: 800 expected, standard deviation 25.3.
    assert 650 < len(read(tmp_path)) < 950


def test_odd_values_and_other_numbers_of_scores_are_recorded_as_far_as_they_go(tmp_path):
    recording = made(tmp_path)
    recording.take({"rows": [{"年龄": None, "price": "cheap"}]}, {"output": []})
    recording.take({"rows": [{"年龄": 2**70, "other": [1]}]}, {"output": [{"a": 1}, {"a": 2}]})
    recording.take({"rows": []}, {})
    recording.close()
    frame = read(tmp_path)
    assert frame["price"].dropna().tolist() == ["cheap"]
    assert frame["年龄"].dropna().tolist() == [str(2**70)]
    assert "a" not in frame


def test_old_days_are_deleted(tmp_path):
    today = datetime.datetime.now(datetime.UTC).date()
    for days in (1, 6, 7, 400):
        folder = tmp_path / str(today - datetime.timedelta(days=days))
        folder.mkdir()
        (folder / "a.parquet").write_bytes(b"")
    (tmp_path / "not-a-day").mkdir()
    made(tmp_path, keep_days=7).close()
    kept = {path.name for path in tmp_path.iterdir()}
    assert kept == {str(today - datetime.timedelta(days=days)) for days in (1, 6)} | {"not-a-day"}


def test_more_than_can_be_written_is_counted_and_a_full_disk_fails_no_request(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(recorder, "MOST_ROWS", 10)
    recording = made(tmp_path / "file")
    (tmp_path / "file").write_text("no folder")
    for number in range(25):
        recording.take({"rows": [row(number)]}, {"output": [{"s": 1}]})
    assert recording.lost == 15
    recording.close()
    assert not recording._thread.is_alive()


@pytest.mark.parametrize("shift", [0, 60])
def test_the_drift_module_reads_what_was_recorded(tmp_path, shift):
    from modules.data_input_output.import_data import import_data
    from modules.statistical_functions.detect_drift import detect_drift

    recording = made(tmp_path, leave_out=["name"])
    for number in range(200):
        rows = [row(number + shift)]
        recording.take({"rows": rows}, {"output": [{"Scored Labels": number % 2}]})
    recording.close()
    current = import_data(path=str(tmp_path))
    current = current[0] if isinstance(current, tuple) else current
    reference = DataTable(pd.DataFrame([row(number) for number in range(200)]).drop(columns="name"))
    results = detect_drift(reference, current.select(reference.names))
    assert results is not None

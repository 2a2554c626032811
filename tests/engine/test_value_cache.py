"""What workers keep in memory for the steps to come, and when they let go of it."""

from __future__ import annotations

import pandas as pd
import pytest
from unending import start_and_wait

from designer.engine.executors import value_cache as values
from designer.engine.executors.base import InputValue
from designer.engine.executors.value_cache import ValueCache
from designer.engine.store import entry as entries
from modules.contract import DataTable, ModuleError
from modules.values import storage

KEY = "ab" * 20


def table(number: int) -> DataTable:
    return DataTable(pd.DataFrame({"x": [number]}))


def put(store, number: int) -> None:
    entries.write_entry(store, KEY, {"out": table(number)}, storage.save, {"base": "a"})


def test_a_value_that_was_made_again_outlasts_the_word_to_forget_the_old_one(tmp_path):
    hands = ValueCache(tmp_path)
    old, new = table(1), table(2)
    hands.hold(KEY, "first job", {"out": old})
    hands.hold(KEY, "second job", {"out": new})
    hands.forget({KEY: "first job"})
    assert hands.read(InputValue(KEY, "out"), fresh=False) is new
    hands.forget({KEY: "second job"})
    with pytest.raises(ModuleError, match="doesn't contain a stored value"):
        hands.read(InputValue(KEY, "out"), fresh=False)


def test_a_fresh_value_comes_from_the_store_and_can_be_changed(tmp_path):
    hands = ValueCache(tmp_path)
    hands.hold(KEY, "job", {"out": table(1)})
    put(tmp_path, 2)
    value = hands.read(InputValue(KEY, "out"), fresh=True)
    value.frame.loc[0, "x"] = 3
    assert hands.read(InputValue(KEY, "out"), fresh=True).frame["x"].tolist() == [2]


def test_an_entry_that_is_away_for_a_moment_is_waited_for(tmp_path, monkeypatch):
    """Another run replaces it just now."""
    waited = []

    def pause(seconds: float) -> None:
        waited.append(seconds)
        put(tmp_path, 5)

    monkeypatch.setattr(values.time, "sleep", pause)
    value = ValueCache(tmp_path).read(InputValue(KEY, "out"), fresh=False)
    assert value.frame["x"].tolist() == [5]
    assert len(waited) == 1


def held(engine) -> set[str]:
    return {key for slot in engine._executor._slots for key in slot.held}


@pytest.mark.parametrize("end", ["skipped", "reused", "leaf", "cancelled"])
def test_a_run_leaves_no_value_in_memory(new_engine, build, tmp_path, end):
    engine = new_engine(workers=1)
    (tmp_path / "number").write_text("7")
    source = ("download", {"path": str(tmp_path / "number")})
    waiting = ("busy", {"note": str(tmp_path / "note")})
    pipeline = {
        # What reads the value is not run, because of something else that it needs.
        "skipped": build(
            {"n": "numbers", "b": ("misbehave", {"how": "raise"}), "a": "add"},
            "n.numbers > b.table",
            "b.value > a.second",
            "n.numbers > a.first",
        ),
        # The same download again: what reads it need not run.
        "reused": build({"n": source, "a": "add"}, "n.numbers > a.first"),
        "leaf": build({"n": "numbers"}),
        "cancelled": build(
            {"n": "numbers", "b": waiting, "a": "add"},
            "n.numbers > b.table",
            "b.value > a.first",
            "n.numbers > a.second",
        ),
    }[end]
    if end == "reused":
        engine.run(pipeline, base=tmp_path)
    if end == "cancelled":
        handle = start_and_wait(engine, pipeline, tmp_path, stored="n")
        handle.cancel()
    else:
        handle = engine.start(pipeline, base=tmp_path)
    result = handle.wait(60)
    assert result is not None
    assert result.nodes["n"].status == "completed"
    if end != "leaf":
        assert result.nodes["a"].status == end
    assert held(engine) == set()

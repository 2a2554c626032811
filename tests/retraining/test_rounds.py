"""Rounds of an endpoint's retraining, with real endpoints and models."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from retraining_desk import NAME, Desk, loans

from designer.deployment import ServingError
from designer.retraining.held_rows import HELD, TRAINING, row_keys


def test_new_data_that_is_better_is_deployed_and_worse_data_is_not(desk: Desk) -> None:
    desk.on(group="region")
    desk.register(loans(600, seed=2, noise=0.0))

    first = desk.run()

    assert first.state == "deployed", first.reason
    assert (first.version, desk.version, first.champion) == (2, 2, 1)
    numbers = first.comparison
    assert numbers["challenger"] > numbers["champion"]
    assert numbers["p_better"] < 0.05
    assert {each["group"] for each in first.groups} == {"north", "south"}
    assert sum(each["rows"] for each in first.groups) == numbers["rows"]
    assert desk.endpoints.status(NAME).state == "running"

    # With other labels, the challenger learns nothing that the champion doesn't know.
    desk.register(loans(600, seed=3, noise=1.0))
    second = desk.run()

    assert (second.state, second.version, desk.version) == ("kept", 0, 2)
    assert "isn't" in second.reason
    assert second.comparison["p_better"] > 0.2
    assert [each.number for each in desk.loops.rounds(NAME)] == [2, 1]


@pytest.mark.long
def test_the_numbers_are_those_of_the_held_rows(desk: Desk) -> None:
    desk.on()
    table = loans(600, seed=2, noise=0.0)
    desk.register(table)

    made = desk.run()

    folder = desk.loops.round_folder(NAME, made.number)
    training, held = (pd.read_parquet(folder / file) for file in (TRAINING, HELD))
    assert len(training) + len(held) == len(table)
    assert not set(row_keys(training)) & set(row_keys(held))
    assert 0.15 < len(held) / len(table) < 0.35
    # By asking the endpoint itself, the champion again after a rollback.
    shares = []
    for version in (2, 1):
        if version == 1:
            desk.endpoints.rollback(NAME)
        scored = desk.ask(*held.drop(columns="paid").to_dict("records"))
        shares.append(np.mean(np.array(scored) == held["paid"].to_numpy()))
    numbers = made.comparison
    assert shares == pytest.approx([numbers["challenger"], numbers["champion"]])
    assert numbers["rows"] == len(held)


@pytest.mark.long
def test_a_margin_that_is_not_reached_keeps_the_champion(desk: Desk) -> None:
    desk.on(margin=0.9)
    desk.register(loans(600, seed=2, noise=0.0))

    made = desk.run()

    assert (made.state, desk.version) == ("kept", 1)
    assert "by the margin 0.9" in made.reason


@pytest.mark.long
def test_rows_that_the_champion_was_trained_on_are_not_compared(desk: Desk) -> None:
    old = loans(seed=1, noise=0.9)
    desk.on()
    desk.register(pd.concat([old, loans(600, seed=2, noise=0.0)]))

    made = desk.run()

    held = pd.read_parquet(desk.loops.round_folder(NAME, made.number) / HELD)
    assert not set(row_keys(held)) & set(row_keys(old))
    assert "The champion was trained on" in made.reason
    assert "weren't compared" in made.reason


@pytest.mark.long
def test_a_step_that_fails_is_written_down_and_changes_nothing(desk: Desk) -> None:
    desk.on()
    desk.write("def azureml_main(dataframe1=None, dataframe2=None):\n    raise ValueError('no')\n")

    with pytest.raises(ServingError, match="Training failed in “checked”"):
        desk.run()

    made = desk.loops.latest(NAME)
    assert made is not None
    assert made.state == "failed"
    assert "checked" in made.reason
    assert desk.ask()
    assert desk.version == 1


def test_rows_have_the_same_keys_in_any_version() -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"], "c": [True, False]})
    other = pd.DataFrame({"c": [1.0, 0.0], "b": ["x", "y"], "a": [1.0, 2.0]})
    assert list(row_keys(frame)) == list(row_keys(other))
    assert len(set(row_keys(frame))) == 2

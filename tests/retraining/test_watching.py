"""What is in use stays watched while the next challenger is trained."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from retraining_desk import FAILS_ON_LARGE_INCOME, NAME, ROW, Desk, loans
from schedule_desk import wait_until

from designer.deployment import ServingError
from designer.retraining import actions, watching
from designer.retraining.loop import Round

WAITS = """\
import os, time
def azureml_main(dataframe1=None, dataframe2=None):
    open({began!r}, "w").close()
    while not os.path.exists({release!r}):
        time.sleep(0.05)
    return dataframe1,
"""


@pytest.fixture
def failing(desk: Desk) -> Desk:
    """Return an endpoint whose current version, a challenger of round 1, fails for some rows."""
    desk.on()
    desk.register(loans(600, seed=2, noise=0.0))
    desk.write(FAILS_ON_LARGE_INCOME)
    assert (desk.run().state, desk.version) == ("deployed", 2)
    return desk


def _fail_often(desk: Desk) -> None:
    for _ in range(25):
        with pytest.raises(AssertionError, match="income"):
            desk.ask({**ROW, "income": 5000.0})


@contextmanager
def _training(desk: Desk) -> Iterator[Callable[[], Round]]:
    """Train the challenger of round 2, which waits in its script until its result is wanted."""
    began, release = desk.folder / "began", desk.folder / "release"
    desk.write(WAITS.format(began=str(began), release=str(release)))
    desk.register(loans(700, seed=3, noise=0.0))
    made: list[Round] = []
    thread = threading.Thread(target=lambda: made.append(desk.run()))
    thread.start()

    def result() -> Round:
        release.touch()
        thread.join(300)
        return made[0]

    try:
        wait_until(began.exists, 300)
        yield result
    finally:
        release.touch()
        thread.join(300)


@pytest.mark.long
def test_a_version_that_fails_is_rolled_back_while_the_next_one_trains(
    failing: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "PAUSE", 0.1)
    with _training(failing) as result:
        _fail_often(failing)
        wait_until(lambda: failing.version == 1, 300)
        made = result()

    second, first = failing.loops.rounds(NAME)
    assert first.state == "rolled-back"
    assert "requests failed" in first.events[-1].text
    # It is compared with the version that answers again.
    assert (second.number, second.champion) == (made.number, 1)
    assert made.comparison["rows"] > 0
    assert made.state in ("deployed", "kept")


@pytest.mark.long
def test_others_can_roll_back_while_a_round_trains(failing: Desk) -> None:
    with _training(failing) as result:
        with pytest.raises(ServingError, match="A round of “loans” is in progress"):
            failing.run()
        back = actions.roll_back(failing.workspace, NAME, clock=lambda: failing.now)
        assert (back.number, back.state, failing.version) == (1, "rolled-back", 1)
        # It isn't over, whoever looks.
        assert failing.loops.rounds(NAME)[0].state == "running"
        assert actions.watch(failing.workspace, NAME, clock=lambda: failing.now) is None
        assert result().champion == 1


@pytest.mark.long
def test_a_version_is_watched_after_a_round_that_kept_it(failing: Desk) -> None:
    failing.on(margin=0.9)
    failing.register(loans(700, seed=3, noise=0.0))
    assert failing.run().state == "kept"
    _fail_often(failing)
    mark, reason = actions.due(failing.workspace, NAME, failing.now)
    assert mark == "round 1 deployed 0 errors"
    assert "requests failed" in reason

    back = actions.watch(failing.workspace, NAME, clock=lambda: failing.now)

    assert back is not None
    assert (back.number, back.state, failing.version) == (1, "rolled-back", 1)


@pytest.mark.long
def test_a_challenger_in_stages_ends_with_its_champion(failing: Desk) -> None:
    failing.on(stages=(0.0, 1.0))
    table = loans(700, seed=3, noise=0.0)
    # The champion predicts the other class, so that the challenger is better on any computer.
    failing.register(table.assign(paid=table["paid"].map({"yes": "no", "no": "yes"})))
    made = failing.run()
    assert made.state == "staged", made.reason
    _fail_often(failing)

    back = actions.watch(failing.workspace, NAME, clock=lambda: failing.now)

    assert back is not None
    assert (back.number, back.state) == (1, "rolled-back")
    assert failing.loops.rounds(NAME)[0].state == "rolled-back"
    assert failing.version == 1
    assert failing.ask({**ROW, "income": 5000.0})


@pytest.mark.long
def test_a_round_that_was_killed_keeps_no_new_data_from_being_used(desk: Desk) -> None:
    desk.on()
    desk.loops.begin(NAME, desk.now)
    desk.register(loans(600, seed=2, noise=0.0))
    assert actions.due(desk.workspace, NAME, desk.now)[0].startswith("data ")

    made = actions.watch(desk.workspace, NAME, clock=lambda: desk.now)

    assert made is not None
    assert made.state == "deployed", made.reason
    killed = desk.loops.rounds(NAME)[1]
    assert (killed.state, killed.reason) == ("failed", "The program ended before the round did.")


def test_a_lock_ends_with_its_block_and_not_with_a_look(desk: Desk) -> None:
    assert not desk.loops.is_training(NAME)
    with desk.loops.training(NAME):
        assert desk.loops.is_training(NAME)
        assert desk.loops.is_training(NAME)
        with pytest.raises(ServingError, match="in progress"), desk.loops.training(NAME):
            pass
        assert desk.loops.is_training(NAME)
    assert not desk.loops.is_training(NAME)

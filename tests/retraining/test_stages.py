"""A challenger in stages, with clients that send requests all the while."""

from __future__ import annotations

import numpy as np
import pytest
from retraining_desk import FAILS_ON_LARGE_INCOME, HOUR, NAME, ROW, Desk, loans

from designer.deployment import ServingError
from designer.retraining import actions

STAGES = (0.0, 0.5, 1.0)


def _watch(desk: Desk):
    return actions.watch(desk.workspace, NAME, clock=lambda: desk.now)


def _better(desk: Desk, **settings: object) -> None:
    desk.on(**{"stages": STAGES, "stage_hours": 1.0, "stage_requests": 50} | settings)
    desk.register(loans(600, seed=2, noise=0.0))


@pytest.mark.long
def test_a_better_challenger_passes_its_stages_and_no_request_is_lost(desk: Desk) -> None:
    _better(desk)
    clients = desk.clients()
    with clients.sending():
        made = desk.run()
        assert (made.state, made.stage, desk.version) == ("staged", 0, 1)
        desk.wait_for_stage(1, 60)
        # Neither the time is over, nor is there a reason to end it.
        assert _watch(desk) is None
        desk.now += 2 * HOUR
        shared = _watch(desk)
        assert shared is not None
        assert (shared.state, shared.stage, desk.version) == ("staged", 1, 1)
        desk.wait_for_stage(2, 60)
        desk.now += 2 * HOUR
        done = _watch(desk)
        assert done is not None
        assert (done.state, done.version, desk.version) == ("deployed", 2, 2)
        clients.wait_for(100)

    assert clients.failures == []
    assert [event.text for event in done.events] == [
        "Stage 1 of 3: shadow.",
        "Stage 2 of 3: 0.5 of the requests.",
        "Deployed as version 2.",
    ]


@pytest.mark.long
def test_the_shadow_answers_nobody_and_a_share_some(desk: Desk) -> None:
    # The champion can't tell the classes of many rows; the challenger can.
    _better(desk, stage_requests=0)
    rows = loans(200, seed=9, noise=0.0)
    asked = rows.drop(columns="paid").to_dict("records")
    truth = rows["paid"].to_numpy()
    champion = np.array(desk.ask(*asked))
    different = [row for row, right in zip(asked, champion == truth, strict=True) if not right]
    assert len(different) > 20

    desk.run()
    assert desk.ask(*different) == [desk.ask(row)[0] for row in different]
    before = desk.ask(different[0])
    desk.now += 2 * HOUR
    _watch(desk)
    desk.wait_for_stage(2)
    answers = [desk.ask(different[0]) for _ in range(60)]

    assert before in answers
    assert any(answer != before for answer in answers)


@pytest.mark.long
def test_a_challenger_that_fails_goes_back_and_no_request_is_lost(desk: Desk) -> None:
    _better(desk)
    desk.write(FAILS_ON_LARGE_INCOME)
    made = desk.run()
    assert made.state == "staged", made.reason
    desk.now += 2 * HOUR
    clients = desk.clients(income=5000.0)
    with clients.sending():
        desk.wait_for_stage(1, 25)
        back = _watch(desk)
        clients.wait_for(60)

    assert back is not None
    assert (back.state, back.version, desk.version) == ("rolled-back", 0, 1)
    assert "requests failed" in back.events[-1].text
    assert back.health["failures"] > 20
    assert clients.failures == []


@pytest.mark.long
def test_a_challenger_whose_process_ends_goes_back(desk: Desk) -> None:
    import psutil

    _better(desk)
    made = desk.run()
    assert made.process is not None
    clients = desk.clients()
    with clients.sending():
        clients.wait_for(20)
        psutil.Process(made.process["pid"]).kill()
        clients.wait_for(50)
        back = _watch(desk)

    assert back is not None
    assert back.state == "rolled-back"
    assert "process ended" in back.events[-1].text
    assert clients.failures == []
    assert not (desk.endpoints.folder(NAME) / "challenger.json").exists()


@pytest.mark.long
def test_a_deployed_version_that_fails_is_rolled_back(desk: Desk) -> None:
    desk.on()
    desk.register(loans(600, seed=2, noise=0.0))
    desk.write(FAILS_ON_LARGE_INCOME)
    made = desk.run()
    assert (made.state, desk.version) == ("deployed", 2)
    for _ in range(25):
        with pytest.raises(AssertionError, match="income"):
            desk.ask({**ROW, "income": 5000.0})

    back = _watch(desk)

    assert back is not None
    assert (back.state, desk.version) == ("rolled-back", 1)
    assert desk.ask({**ROW, "income": 5000.0})


@pytest.mark.long
def test_scores_that_drift_bring_the_champion_back(desk: Desk) -> None:
    desk.on()
    desk.register(loans(600, seed=2, noise=0.0))
    assert desk.run().state == "deployed"
    # Such rows aren't among the held ones.
    rows = loans(300, seed=5, noise=0.0).drop(columns="paid").assign(income=200.0, debt=90.0)
    desk.ask(*rows.to_dict("records"))
    # What waits is written when the endpoint stops.
    desk.endpoints.restart(NAME)

    back = _watch(desk)

    assert back is not None
    assert (back.state, desk.version) == ("rolled-back", 1)
    assert "drifted beyond 0.25" in back.events[-1].text
    assert back.health["drift"]["income"] > 0.25


@pytest.mark.long
def test_requests_like_the_held_rows_are_no_drift(desk: Desk) -> None:
    desk.on()
    desk.register(loans(600, seed=2, noise=0.0))
    assert desk.run().state == "deployed"
    rows = loans(400, seed=6, noise=0.0).drop(columns="paid")
    desk.ask(*rows.to_dict("records"))
    desk.endpoints.restart(NAME)

    assert _watch(desk) is None
    made = desk.loops.latest(NAME)
    assert made is not None
    assert made.health["recorded"] >= 400
    assert (made.state, desk.version) == ("deployed", 2)


@pytest.mark.long
def test_approval_comes_before_the_first_stage(desk: Desk) -> None:
    _better(desk, approve=True, stages=(1.0,))
    made = desk.run()
    assert (made.state, desk.version) == ("waiting", 1)
    with pytest.raises(ServingError, match="is open: waiting for approval"):
        desk.run()

    done = actions.approve(desk.workspace, NAME, clock=lambda: desk.now)

    assert (done.state, desk.version) == ("deployed", 2)
    with pytest.raises(ServingError, match="waits for approval"):
        actions.reject(desk.workspace, NAME)
    back = actions.roll_back(desk.workspace, NAME, clock=lambda: desk.now)
    assert (back.state, desk.version) == ("rolled-back", 1)
    with pytest.raises(ServingError, match="in use"):
        actions.roll_back(desk.workspace, NAME)


@pytest.mark.long
def test_a_rejected_challenger_is_never_used(desk: Desk) -> None:
    _better(desk, approve=True)
    desk.run()

    made = actions.reject(desk.workspace, NAME, clock=lambda: desk.now)

    assert (made.state, desk.version) == ("rejected", 1)
    # The same data doesn't start another round.
    assert _watch(desk) is None


@pytest.mark.long
def test_new_data_is_due_once(desk: Desk) -> None:
    desk.on(margin=0.9)
    assert actions.due(desk.workspace, NAME, desk.now) == ("", "")
    assert _watch(desk) is None
    desk.register(loans(600, seed=2, noise=0.0))
    mark, note = actions.due(desk.workspace, NAME, desk.now)
    assert mark.startswith("data ")
    assert note == "Version 2 of “loans”."

    made = _watch(desk)

    assert made is not None
    assert made.state == "kept"
    assert actions.due(desk.workspace, NAME, desk.now) == ("", "")
    assert _watch(desk) is None


@pytest.mark.long
def test_switching_off_ends_the_stages(desk: Desk) -> None:
    from designer.retraining.staging import challenger_of
    from designer.retraining.switching import switch_off

    _better(desk)
    made = desk.run()
    process = challenger_of(made)
    assert process is not None
    assert process.is_alive()

    switch_off(desk.workspace, NAME)

    assert not process.is_alive()
    assert desk.ask()
    assert desk.loops.names() == []

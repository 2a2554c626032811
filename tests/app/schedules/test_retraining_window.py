"""Retrained endpoints in the window: rounds, decisions, and what a user does about them."""

from __future__ import annotations

import pytest
from focus_desk import faults, is_well, stops
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from designer.app.schedules import retraining_page
from designer.private_files import make_folder
from designer.records import write_record
from designer.retraining.loop import Event, Loop, Loops, Round

LONG = 120_000
LEFT = Qt.MouseButton.LeftButton
NAME = "loans"


@pytest.fixture
def loops(window, tmp_path, monkeypatch):
    """The loops of a workspace with an endpoint that isn't running."""
    monkeypatch.setattr(retraining_page, "INTERVAL", 200)
    loops = Loops(window.workspace)
    folder = make_folder(loops.records.root / NAME)
    write_record(folder / "endpoint.json", {"version": 1, "target": "local", "port": 5901})
    loop = Loop(endpoint=NAME, pipeline=str(tmp_path / "x.pipeline.json"), dataset="loans")
    loops.put(loop.model_copy(update={"approve": True, "group": "region"}))
    yield loops
    loops.records.delete(NAME)


def _round(loops, number, state, **fields):
    made = Round(
        number=number,
        state=state,
        started=1_800_000_000.0,
        data={"name": "loans", "version": number + 1, "hash": "x"},
        champion=1,
        metric="accuracy",
        comparison={"champion": 0.8, "challenger": 0.9125, "p_better": 0.003},
        groups=[{"group": "north", "champion": 0.7, "challenger": 0.8, "rows": 120}],
        reason="Accuracy on 400 held rows. It is better.",
        events=[Event(time=1_800_000_100.0, text="It waits for approval.")],
        **fields,
    )
    make_folder(loops.round_folder(NAME, number))
    loops.save(NAME, made)


def _page(window, qtbot, rounds):
    window.schedules.show_schedules()
    center = window.schedules.center
    center.bar.tab_chosen.emit(2)
    page = center.retraining
    qtbot.waitUntil(lambda: page.rounds.topLevelItemCount() == rounds, timeout=LONG)
    return page


def test_the_decision_of_a_round_shows_with_its_numbers(window, qtbot, loops):
    _round(loops, 1, "kept")
    _round(loops, 2, "waiting")
    page = _page(window, qtbot, 2)

    row = page.rounds.topLevelItem(0)
    texts = [row.text(column) for column in range(6)]
    assert texts == ["2", "Waiting for approval", "loans version 3", "0.8", "0.9125", "0.003"]
    assert "It is better." in page.decision.text()
    assert "region “north”: challenger 0.8, champion 0.7 on 120 rows" in page.decision.text()
    assert "It waits for approval." in page.decision.text()
    enabled = {key for key, button in page.buttons.items() if button.isEnabled()}
    assert enabled == {"edit", "approve", "reject", "off"}
    assert len(stops(page)) > 5
    assert faults(page) == []
    page.rounds.setCurrentItem(page.rounds.topLevelItem(1))
    # It stays there while the page refreshes.
    _round(loops, 3, "failed")
    qtbot.waitUntil(lambda: page.rounds.topLevelItemCount() == 3, timeout=LONG)
    assert page.rounds.currentItem().text(0) == "1"


def test_a_challenger_is_rejected(window, qtbot, loops):
    _round(loops, 1, "waiting")
    page = _page(window, qtbot, 1)

    QTest.mouseClick(page.buttons["reject"], LEFT)

    assert page.doing.text() == "Rejecting “loans”…"
    assert not page.buttons["approve"].isEnabled()
    qtbot.waitUntil(lambda: page.rounds.topLevelItem(0).text(1) == "Rejected", timeout=LONG)
    assert loops.latest(NAME).state == "rejected"
    qtbot.waitUntil(page.buttons["run"].isEnabled, timeout=LONG)


def test_what_cannot_be_done_shows_why(window, qtbot, loops):
    _round(loops, 1, "kept")
    page = _page(window, qtbot, 1)

    QTest.mouseClick(page.buttons["run"], LEFT)

    qtbot.waitUntil(lambda: page.error.isVisible(), timeout=LONG)
    assert "isn't running, so nothing can be deployed" in page.error.text()


def test_without_retrained_endpoints_the_page_says_how_to_begin(window, qtbot):
    window.schedules.show_schedules()
    center = window.schedules.center
    center.bar.tab_chosen.emit(2)
    assert center.retraining.pages.currentWidget() is center.retraining.empty


@pytest.mark.long
def test_every_stop_of_a_round_has_name_role_and_ring(window, qtbot, loops):
    _round(loops, 1, "waiting")
    is_well(qtbot, _page(window, qtbot, 1))

"""Retraining on data that nobody registers: a file, a database; rounds that other changes begin."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from retraining_desk import HOUR, NAME, Desk, loans

from designer.cli.main import main
from designer.pipeline import edits
from designer.pipeline.file import read, write
from designer.pipeline.model import Endpoint
from designer.pipeline.parameters import set_parameter
from designer.retraining import actions, sources
from designer.scheduling.errors import ScheduleError
from designer.scheduling.program import command_of
from designer.scheduling.store import ScheduleStore
from designer.scheduling.triggers import RetrainingDue

QUERY = "SELECT income, debt, region, paid FROM loans"


def _call(desk: Desk, *words: str) -> Result:
    folder = str(desk.workspace.folder)
    return CliRunner().invoke(main, ["retraining", *words, "--workspace", folder])


def _on(desk: Desk, *words: str) -> Result:
    return _call(desk, "on", NAME, "--pipeline", str(desk.file), "--no-register", *words)


def _read_file(desk: Desk) -> None:
    """Let the pipeline read a file beside it."""
    (desk.folder / "new.csv").write_text(loans(seed=1, noise=0.9).to_csv(index=False))
    write(set_parameter(read(desk.file), "loans", "path", "new.csv"), desk.file)


def _read_database(desk: Desk) -> None:
    """Let the pipeline read a database."""
    _fill(desk, seed=1, noise=0.9)
    pipeline = edits.remove(read(desk.file), ["loans"])
    pipeline, _ = edits.add_node(
        pipeline,
        "import_data",
        node_id="loans",
        parameters={
            "source": "database",
            "connection": f"sqlite:///{desk.folder / 'loans.db'}",
            "query": QUERY,
        },
    )
    for step in ("train", "score"):
        target = Endpoint(step, "dataset")
        pipeline = edits.connect(pipeline, Endpoint("loans", "dataset"), target)
    write(pipeline, desk.file)


def _fill(desk: Desk, *, seed: int, noise: float) -> None:
    with sqlite3.connect(desk.folder / "loans.db") as database:
        loans(600, seed=seed, noise=noise).to_sql(
            "loans", database, index=False, if_exists="replace"
        )


def _due(desk: Desk) -> str:
    return actions.due(desk.workspace, NAME, desk.now)[0]


@pytest.fixture
def changed_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file that the endpoint is retrained on, changed, so retraining is due."""
    _read_file(desk)
    made = _on(desk, "--data", str(desk.folder / "new.csv"))
    assert made.exit_code == 0, made.output
    assert "“loans” is retrained on “new.csv” from now on." in made.output
    assert desk.workspace.dataset_store.find("loans data").version.rows == 400
    assert _due(desk) == ""
    file = desk.folder / "new.csv"
    file.write_text(loans(600, seed=2, noise=0.0).to_csv(index=False))
    # A date of long ago doesn't hide that it was written just now.
    os.utime(file, (1e9, 1e9))
    assert _due(desk) == ""
    monkeypatch.setattr(sources, "SETTLED", 0)
    return file


def test_a_file_that_has_changed_is_due_when_it_is_complete(desk: Desk, changed_file: Path) -> None:
    assert _due(desk).startswith("source ")
    changed_file.unlink()
    with pytest.raises(ScheduleError, match="can't be read"):
        RetrainingDue(endpoint=NAME).observe(desk.workspace)


@pytest.mark.long
def test_a_file_that_has_changed_starts_one_round(desk: Desk, changed_file: Path) -> None:
    done = actions.watch(desk.workspace, NAME, clock=lambda: desk.now)

    assert done is not None
    assert (done.state, desk.version) == ("deployed", 2), done.reason
    assert (done.data["name"], done.data["version"]) == ("loans data", 2)
    assert _due(desk) == ""
    # Written again with the same content: that is looked at once, and nothing is trained.
    changed_file.touch()
    assert _due(desk).startswith("source ")
    assert actions.watch(desk.workspace, NAME, clock=lambda: desk.now) is None
    assert _due(desk) == ""
    assert len(desk.loops.rounds(NAME)) == 1


@pytest.mark.long
def test_a_query_is_read_at_an_interval_and_another_answer_starts_a_round(desk: Desk) -> None:
    _read_database(desk)
    made = _on(desk, "--data", "loans", "--read-every", "6h")
    # There is a dataset of this name, which the pipeline doesn't read.
    assert made.exit_code == 2
    desk.workspace.dataset_store.remove("loans")
    made = _on(desk, "--data", "loans", "--read-every", "6h", "--margin", "0.9")
    assert made.exit_code == 0, made.output

    first = actions.watch(desk.workspace, NAME, clock=lambda: desk.now)

    assert first is not None
    assert first.state == "kept", first.reason
    assert (first.data["training_rows"] > 300, first.data["version"]) == (True, 1)
    desk.now += 7 * HOUR
    # The same answer makes no version.
    assert _due(desk)
    assert actions.watch(desk.workspace, NAME, clock=lambda: desk.now) is None
    _fill(desk, seed=2, noise=0.0)
    assert _due(desk) == ""
    desk.now += 7 * HOUR
    assert _call(desk, "off", NAME).exit_code == 0
    assert _on(desk, "--data", "loans", "--read-every", "6h").exit_code == 0

    second = actions.watch(desk.workspace, NAME, clock=lambda: desk.now)

    assert second is not None
    assert (second.state, second.data["version"], desk.version) == ("deployed", 2, 2)
    assert desk.ask()


@pytest.mark.long
def test_other_changes_begin_rounds_too(desk: Desk) -> None:
    watched = desk.folder / "incoming"
    watched.mkdir()
    made = _on(desk, "--data", "loans", "--on-change", str(watched))
    assert made.exit_code == 0, made.output
    store = ScheduleStore(desk.workspace)
    (due, other) = sorted(store.entries(print), key=lambda each: each.name)
    assert (due.name, other.name) == (f"retraining {NAME}", f"retraining {NAME} by change")
    before = other.schedule.trigger.observe(desk.workspace).mark  # type: ignore[union-attr]
    (watched / "a.csv").write_text("a\n1\n")
    assert other.schedule.trigger.observe(desk.workspace).mark != before  # type: ignore[union-attr]
    command = command_of(other.schedule, desk.workspace)
    assert command[4:8] == ["retraining", "run", NAME, "--unless-open"]
    reference = str(desk.folder / "loans.csv")
    sqlite3.connect(desk.folder / "a.db").close()
    (desk.folder / "a.db").touch()
    for words in (
        ("--on-drift", reference, "--reference", reference),
        ("--on-dataset", "loans"),
        ("--on-query", "SELECT 1", "--connection", f"sqlite:///{desk.folder / 'a.db'}"),
    ):
        made = _on(desk, "--data", "loans", *words)
        assert made.exit_code == 0, made.output
        kind = store.entry(f"retraining {NAME} by change").schedule.trigger.kind
        assert words[0] == f"--on-{kind}"
    # One that can't be looked at leaves the schedules as they are.
    assert _on(desk, "--data", "loans", "--on-change", "none").exit_code == 2
    assert len(store.entries(print)) == 2
    assert _call(desk, "off", NAME).exit_code == 0
    assert store.entries(print) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--data", "none.csv"), "There is no registered dataset “none.csv”."),
        (("--data", "score"), "“score” doesn't read the data."),
        (("--data", "other.csv"), "The pipeline doesn't read"),
        (("--data", "loans", "--on-change", "a", "--on-dataset", "loans"), "one trigger, not 2"),
        (("--data", "loans", "--on-change", "none"), "doesn't exist"),
        (("--data", "loans", "--on-drift", "a"), "--on-drift needs --reference."),
        (("--data", "loans", "--read-every", "soon"), "interval"),
    ],
)
def test_wrong_data_and_triggers_show_at_once(
    deployed: Desk, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(deployed.folder)
    (deployed.folder / "other.csv").write_text("a\n1\n")
    made = _on(deployed, *words)
    assert made.exit_code == 2, made.output
    assert message in made.output
    assert deployed.loops.names() == []
    assert ScheduleStore(deployed.workspace).entries(print) == []


@pytest.mark.long
def test_no_round_begins_beside_an_open_one(desk: Desk) -> None:
    desk.on(approve=True)
    desk.register(loans(600, seed=2, noise=0.0))
    assert desk.run().state == "waiting"
    done = _call(desk, "run", NAME, "--unless-open", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["summary"] == "Round 1 isn't over, so none was begun."
    assert _call(desk, "run", NAME).exit_code == 2

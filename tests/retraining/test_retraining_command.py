"""The command line of retraining, and the schedule that does it."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from retraining_desk import NAME, ROW, Desk, loans

from designer.cli.main import main
from designer.retraining import actions
from designer.scheduling.program import command_of
from designer.scheduling.store import ScheduleStore


def _call(desk: Desk, *words: str, **options: str) -> Result:
    return CliRunner().invoke(
        main, ["retraining", *words, "--workspace", str(desk.workspace.folder)]
    )


def _on(desk: Desk, *words: str) -> Result:
    pipeline = ("--pipeline", str(desk.file), "--data", "loans", "--no-register")
    return _call(desk, "on", NAME, *pipeline, *words)


@pytest.mark.long
def test_a_round_from_the_command_line(desk: Desk) -> None:
    made = _on(desk, "--stages", "shadow, 10%,100%", "--group", "region", "--approve")
    assert made.exit_code == 0, made.output
    listed = json.loads(_call(desk, "list", "--json").stdout)
    assert [(each["endpoint"], each["stages"]) for each in listed] == [(NAME, [0.0, 0.1, 1.0])]
    desk.register(loans(600, seed=2, noise=0.0))

    watched = _call(desk, "watch", NAME, "--json")

    assert watched.exit_code == 0, watched.output
    document = json.loads(watched.stdout)
    assert document["state"] == "waiting"
    assert document["summary"] == "Round 1: waiting for approval. It waits for approval."
    shown = _call(desk, "show", NAME).stdout
    assert "Round 1: Waiting for approval" in shown
    assert "exact McNemar test" in shown
    for region in ("north", "south"):
        assert region in shown
    assert "Rejected" in _call(desk, "reject", NAME).stdout
    assert _call(desk, "watch", NAME).stdout == "Nothing is due.\n"
    again = _call(desk, "approve", NAME)
    assert (again.exit_code, "waits for approval" in again.output) == (2, True)


def test_switching_on_makes_the_schedules_and_off_removes_them(desk: Desk) -> None:
    assert _on(desk, "--cron", "0 6 * * 1").exit_code == 0
    store = ScheduleStore(desk.workspace)
    entries = {each.name: each for each in store.entries(print)}
    assert set(entries) == {f"retraining {NAME}", f"retraining {NAME} by time"}
    commands = {
        name: command_of(each.schedule, desk.workspace)[4:7] for name, each in entries.items()
    }
    assert commands == {
        f"retraining {NAME}": ["retraining", "watch", NAME],
        f"retraining {NAME} by time": ["retraining", "run", NAME],
    }
    found = entries[f"retraining {NAME}"].schedule.trigger.observe(desk.workspace)
    assert (found.starts, found.mark) == (False, "nothing")
    desk.register(loans(600, seed=2, noise=0.0))
    found = entries[f"retraining {NAME}"].schedule.trigger.observe(desk.workspace)
    assert (found.starts, found.note) == (True, "Version 2 of “loans”.")
    # Where nothing can be deployed, the data waits.
    desk.endpoints.stop(NAME)
    assert actions.due(desk.workspace, NAME, desk.now) == ("", "")

    # Once more, with other settings, replaces them.
    assert _on(desk).exit_code == 0
    assert [each.name for each in store.entries(print)] == [f"retraining {NAME}"]
    assert _call(desk, "off", NAME).exit_code == 0
    assert store.entries(print) == []
    assert "isn't retrained" in _call(desk, "show", NAME).output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--stages", "shadow,10"), "“10” isn't a stage"),
        (("--stages", "10%,shadow,100%"), "The stages don't increase."),
        (("--stages", "10%"), "The last stage isn't 100%."),
        (("--group", "regoin"), "has no column “regoin”"),
        (("--data", "houses"), "“houses”"),
        (("--pipeline", "none.pipeline.json"), "none.pipeline.json"),
        (("--cron", "0 6"), "cron"),
        (("--significance", "0"), "significance"),
    ],
)
def test_what_is_wrong_shows_at_once(deployed: Desk, words: tuple[str, ...], message: str) -> None:
    made = _on(deployed, *words)
    assert made.exit_code == 2
    assert message in made.output
    assert deployed.loops.names() == []
    assert ScheduleStore(deployed.workspace).entries(print) == []


def test_a_pipeline_that_does_not_read_the_dataset_is_refused(desk: Desk) -> None:
    desk.workspace.register_dataset("others", desk.folder / "loans.csv")
    made = _on(desk, "--data", "others")
    assert made.exit_code == 2
    assert "doesn't read the latest version of the dataset “others”" in made.output


@pytest.mark.long
def test_what_is_recorded_changes_and_no_request_is_lost(desk: Desk) -> None:
    clients = desk.clients()
    folder = str(desk.workspace.folder)
    command = ["endpoints", "record", NAME, "--share", "1", "--leave-out", "region, paid"]
    with clients.sending():
        clients.wait_for(5)
        changed = CliRunner().invoke(main, [*command, "--workspace", folder])
        assert changed.exit_code == 0, changed.output
        clients.wait_for(20)
    assert clients.failures == []
    assert desk.ask(ROW)
    # What waits is written when the endpoint stops.
    desk.endpoints.stop(NAME)
    files = sorted(
        (desk.endpoints.folder(NAME) / "records").glob("*/*.parquet"),
        key=lambda file: file.stat().st_mtime_ns,
    )
    columns = pd.read_parquet(files[-1]).columns
    assert "income" in columns
    assert "region" not in columns


@pytest.mark.long
def test_schedules_retrain_when_there_is_new_data(desk: Desk) -> None:
    from schedule_desk import AtOnce, wait_until

    from designer.scheduling.server import Server

    assert _on(desk).exit_code == 0
    store = ScheduleStore(desk.workspace)
    server = Server(store, executor=AtOnce())
    server.tick()
    assert store.history(f"retraining {NAME}") == []
    desk.register(loans(600, seed=2, noise=0.0))

    wait_until(lambda: server.tick() or store.history(f"retraining {NAME}"), 120)
    wait_until(lambda: server.tick() or store.history(f"retraining {NAME}")[0].ended, 400)

    (done,) = store.history(f"retraining {NAME}")
    assert (done.state, done.reason) == ("completed", "Round 1: deployed. Deployed as version 2.")
    assert done.run
    assert desk.version == 2

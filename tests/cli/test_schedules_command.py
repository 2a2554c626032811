"""``designer schedule``, ``schedules``, and ``notifications``."""

from __future__ import annotations

import json

import pytest

from designer.scheduling.store import ScheduleStore
from designer.workspace import Workspace


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    folder = tmp_path / "workspace"
    monkeypatch.setenv("MODELDESK_WORKSPACE", str(folder))
    return Workspace(folder)


def test_a_schedule_is_made_listed_paused_and_removed(designer, small, workspace):
    _, path = small
    made = designer("schedule", path, "--cron", "30 2 * * *", "--timezone", "Europe/Berlin")
    assert made.exit_code == 0
    assert "The schedule “small” is active: At 02:30 every day." in made.stdout
    assert len(made.stdout.strip().splitlines()) == 6
    assert "02:30 doesn't exist on " in made.stderr
    assert "designer schedules install" in made.stderr
    second = json.loads(designer("schedule", path, "--every", "2h", "--json").stdout)
    assert (second["name"], second["description"]) == ("small-2", "Every 2 hours")
    assert (len(second["upcoming"]), second["agreed"]) == (5, [])
    listed = designer("schedules")
    assert [line.split()[0] for line in listed.stdout.splitlines()[2:]] == ["small", "small-2"]
    assert json.loads(designer("schedules", "pause", "small", "--json").stdout)["paused"]
    shown = json.loads(designer("schedules", "show", "small", "--json").stdout)
    assert (shown["paused"], shown["next"], shown["runs"]) == (True, None, [])
    assert "is active" in designer("schedules", "resume", "small").stdout
    assert "02:30 comes twice on" in designer("schedules", "show", "small").stdout
    assert "was removed" in designer("schedules", "remove", "small").stdout
    both = json.loads(designer("schedules", "list", "--json").stdout)
    assert [each["name"] for each in both["schedules"]] == ["small-2"]
    assert both["servers"] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "one trigger, not 0"),
        (["--cron", "0 6 * * *", "--every", "2h"], "one trigger, not 2"),
        (["--cron", "0 99 * * *"], "the hour must be from 0 to 23"),
        (["--cron", "0 6 * * *", "--timezone", "Mars"], "“Mars” isn't a time zone"),
        (["--every", "soon"], "isn't an interval"),
        (["--on-change", "absent"], "absent” doesn't exist"),
        (["--on-dataset", "absent"], "no registered dataset “absent”"),
        (["--on-query", "SELECT 1"], "needs --connection"),
        (["--on-drift", "x.csv"], "needs --reference"),
        (["--every", "2h", "--run-on", "moon"], "“moon” isn't a compute target"),
        (["--every", "2h", "--run-on", "azureml-v2:c", "--set", "split_data.fraction=1"],
         "can't change single nodes"),
        (["--every", "2h", "--run-on", "azureml-v2:c", "--sign-in", "browser"],
         "needs you at the computer"),
        (["--every", "2h", "--set", "splat.fraction=1"], "no node “splat”"),
        (["--every", "2h", "--set", "split_data.fraction=9"], "split_data.fraction"),
        (["--every", "2h", "--param", "x=1"], "no parameter “x”"),
        (["--every", "2h", "--notify", "absent"], "no notification “absent”"),
        (["--every", "2h", "--name", "../x"], "can't be the name"),
    ],
)  # fmt: skip
def test_what_is_wrong_shows_when_the_schedule_is_made(
    designer, small, workspace, arguments, words
):
    result = designer("schedule", small[1], *arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert ScheduleStore(workspace).entries() == []


def test_a_pipeline_with_errors_isnt_scheduled(designer, small, workspace, tmp_path):
    (tmp_path / "prices.csv").unlink()
    result = designer("schedule", small[1], "--every", "2h")
    assert result.exit_code == 2
    assert "prices.csv" in result.stderr
    result = designer("schedule", tmp_path / "absent.pipeline.json", "--every", "2h", "--json")
    assert result.exit_code == 2
    assert "absent.pipeline.json" in json.loads(result.stdout)["error"]["message"]


def test_names_that_dont_exist(designer, workspace):
    for command in ("show", "pause", "resume", "run-now", "remove"):
        result = designer("schedules", command, "absent")
        assert result.exit_code == 2
        assert "There is no schedule “absent”." in result.stderr
        assert "designer schedules list" in result.stderr
    assert "There are no schedules." in designer("schedules").stdout
    assert not workspace.folder.exists()


def test_the_service_is_printed(designer, workspace):
    printed = designer("schedules", "install", "--print")
    assert printed.exit_code == 0
    assert "schedules" in printed.stdout
    assert json.loads(designer("schedules", "install", "--print", "--json").stdout)["file"]
    assert not workspace.folder.exists()


def test_notifications_are_added_tested_and_removed(designer, workspace, tmp_path):
    assert "There are no notifications." in designer("notifications").stdout
    out = tmp_path / "out"
    line = f'echo "$MODELDESK_TITLE" > "{out}"'
    assert designer("notifications", "add", "log", "--command", line, "--default").exit_code == 0
    assert "was sent" in designer("notifications", "test", "log").stdout
    assert out.read_text() == "Completed: test (schedule test)\n"
    mail = ["--email", "me@example.org", "--smtp", "smtp.example.org", "--security", "tls"]
    made = json.loads(
        designer("notifications", "add", "mail", *mail, "--when", "failed", "--json").stdout
    )
    assert (made["channel"]["port"], made["when"]) == (465, ["failed"])
    listed = designer("notifications", "list").stdout
    assert "E-mail to me@example.org through smtp.example.org" in listed
    assert "was removed" in designer("notifications", "remove", "log").stdout
    found = json.loads(designer("notifications", "list", "--json").stdout)
    assert [each["name"] for each in found] == ["mail"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["x"], "one channel"),
        (["x", "--desktop", "--command", "true"], "one channel"),
        (["x", "--email", "a@b.c"], "needs a server"),
        (["x", "--webhook", "secret"], "Name it with --secret"),
        (["none", "--desktop"], "can't be the name"),
    ],
)
def test_what_is_wrong_with_a_notification(designer, workspace, arguments, words):
    result = designer("notifications", "add", *arguments)
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_notification_that_fails_is_reported(designer, workspace):
    designer("notifications", "add", "log", "--command", "exit 7")
    result = designer("notifications", "test", "log")
    assert result.exit_code == 2
    assert "exit status 7" in result.stderr

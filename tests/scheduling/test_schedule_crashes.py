"""Each due run starts exactly once, whatever is killed in between, and however many servers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from schedule_desk import Desk, at, wait_until

from designer.scheduling.processes import identity, is_alive
from designer.scheduling.server_list import ServerList
from designer.scheduling.store import ScheduleStore
from designer.workspace import Workspace

CLAIM = """
import sys
from pathlib import Path
from designer.scheduling.server import Server
from designer.scheduling.store import ScheduleStore
from designer.workspace import Workspace

folder, now, then = sys.argv[1], float(sys.argv[2]), sys.argv[3]
def start(store, number):
    print(store.occurrence(number).due, flush=True)
    if then == "wait":
        sys.stdin.read()
    return None

store = ScheduleStore(Workspace(Path(folder)))
server = Server(store, clock=lambda: now, start=start)
print("ready", flush=True)
sys.stdin.readline()
for minute in range(int(sys.argv[4])):
    server.tick()
    now += 60
"""


def server_process(desk: Desk, then: str, minutes: int = 1) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", CLAIM, str(desk.folder), str(desk.now), then, str(minutes)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


@pytest.mark.parametrize(("missed", "starts"), [("once", 1), ("skip", 0)])
def test_a_server_killed_between_plan_and_run_loses_nothing(desk, missed, starts):
    desk.add("0 6 * * *", missed=missed)
    desk.now = at("2026-01-02 06:00")
    process = server_process(desk, "wait")
    go(process)
    assert process.stdout.readline().strip() == str(desk.now)
    # It has claimed the run, and hasn't started it.
    assert desk.tick(0) == 0
    process.kill()
    process.communicate()
    # As after a reboot, a quarter of an hour later.
    assert desk.tick(900) == starts
    assert desk.tick(60) == 0
    assert desk.states() == (["completed"] if starts else ["skipped"])


def test_what_is_taken_over_is_started_once(desk):
    desk.add("0 6 * * *")
    desk.now = at("2026-01-02 06:00")
    process = server_process(desk, "wait")
    go(process)
    process.stdout.readline()
    dead = f"{process.pid}:{identity_of(process.pid)}"
    process.kill()
    process.communicate()
    number = desk.store.history("nightly")[0].id
    assert desk.tick(1) == 1
    # The process that the killed server may have started comes too late.
    assert desk.store.begin(number, dead, desk.now) is None


def test_two_servers_on_one_store_start_each_run_once(desk):
    names = [f"schedule {number}" for number in range(6)]
    for name in names:
        desk.add("* * * * *", name=name)
    desk.now = at("2026-01-01 12:01")
    minutes = 10
    servers = [server_process(desk, "end", minutes) for _ in range(2)]
    for each in servers:
        go(each)
    printed = [each.communicate(timeout=120)[0].split() for each in servers]
    # Nothing ends a run here, so the first of each schedule keeps the others waiting.
    assert sum(map(len, printed)) == len(names)
    for name in names:
        assert len(desk.store.history(name)) == 1


def test_two_servers_on_one_store_with_runs_that_end(desk):
    desk.add("* * * * *")
    other = desk.new_server()
    for _ in range(30):
        desk.now += 60
        for server in (desk.server, other, desk.server):
            server.tick()
    dues = [each.due for each in desk.started]
    assert len(dues) == len(set(dues)) == 30


def test_a_run_whose_process_is_killed_is_interrupted_and_not_repeated(desk):
    desk.add("0 6 * * *")
    desk.now = at("2026-01-02 06:00")
    entry = desk.store.entry("nightly")
    number = desk.store.claim(entry, due=desk.now, now=desk.now, next_due=at("2026-01-03 06:00"))
    begin = (
        "import sys; from pathlib import Path; from designer.workspace import Workspace;"
        "from designer.scheduling.store import ScheduleStore;"
        "store = ScheduleStore(Workspace(Path(sys.argv[1])));"
        "assert store.begin(int(sys.argv[2]), sys.argv[3], 0); print('begun', flush=True);"
        "sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", begin, str(desk.folder), str(number), identity()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout.readline() == b"begun\n"
    assert desk.tick(60) == 0
    assert desk.states() == ["running"]
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert desk.tick(60) == 0
    assert desk.states() == ["interrupted"]
    assert "ended early" in desk.store.history("nightly")[0].reason


def test_a_process_that_never_begins_its_run_has_failed(desk):
    desk.server._start = lambda store, number: subprocess.Popen([sys.executable, "-c", "exit(3)"])
    desk.add("0 6 * * *")
    desk.jump("2026-01-02 06:00")
    wait_until(lambda: desk.tick(1) == 0 and desk.states() == ["failed"])
    assert "exit status 3" in desk.store.history("nightly")[0].reason


def test_a_process_that_cant_start_is_reported(desk):
    def start(store, number):
        raise OSError(11, "Resource temporarily unavailable")

    desk.server._start = start
    desk.add("0 6 * * *")
    desk.jump("2026-01-02 06:00")
    assert "can't start: Resource temporarily" in desk.store.history("nightly")[0].reason


def test_an_identity_is_of_one_process():
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    mark = f"{process.pid}:{identity_of(process.pid)}"
    assert is_alive(mark)
    assert is_alive(identity())
    assert not is_alive(f"{process.pid}:other")
    process.kill()
    # Ended, and not collected yet.
    wait_until(lambda: not is_alive(mark))
    process.communicate()
    assert not is_alive(mark)
    for text in ("", "x", "99999999999999999999:1", ":"):
        assert not is_alive(text)


def identity_of(pid: int) -> str:
    from designer.scheduling import processes

    return processes._created(pid)


def test_nothing_is_written_by_looking(tmp_path):
    store = ScheduleStore(Workspace(tmp_path / "absent"))
    assert store.entries() == []
    assert store.history("x") == []
    assert ServerList(store.workspace).all() == []
    assert not (tmp_path / "absent").exists()

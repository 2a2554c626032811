"""A step's log is found by the name that the engine gives it, whatever the node is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from designer.app.runs.run_state import RunState
from designer.engine import events
from designer.engine.logs import LogFile, log_name


@pytest.mark.parametrize("node", ["con", "clean/" + "a" * 120, "train"])
def test_a_step_that_has_just_ended_has_its_log(tmp_path: Path, node: str) -> None:
    log = LogFile(tmp_path / log_name(node))
    log.write(b"epoch 1\n")
    log.close()
    state = RunState({})
    state.logs = tmp_path
    state.take(events.Completed(run="r", node=node, seconds=1.0, outputs={}))
    found = state.results[node].log
    assert found is not None
    assert found.read_text() == "epoch 1\n"

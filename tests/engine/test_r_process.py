"""A step in R is cancelled and limited like any other, with its process."""

from __future__ import annotations

import pytest
from unending import end_of, noted, posix, start_and_wait

from modules.programs import R

pytestmark = [posix, pytest.mark.skipif(R.path() is None, reason="R isn't installed")]

ENDLESS = """
azureml_main <- function(a, b) {{
  writeLines(as.character(Sys.getpid()), "{note}")
  repeat Sys.sleep(10)
}}
"""
GREEDY = "azureml_main <- function(a, b) { x <- lapply(1:400, function(i) numeric(5e6) + i) }"


def test_cancelling_ends_r(new_engine, build, tmp_path):
    note = tmp_path / "note"
    script = ENDLESS.format(note=note.as_posix())
    pipeline = build({"r": ("execute_r_script", {"script": script})})
    handle = start_and_wait(new_engine(workers=1), pipeline, tmp_path)
    processes = noted(note)
    handle.cancel()
    result = handle.wait(20)
    assert result is not None
    assert result.nodes["r"].status == "cancelled"
    assert end_of(processes)


@pytest.mark.long
def test_r_may_not_use_more_memory_than_a_step(new_engine, build, tmp_path):
    pipeline = build({"r": ("execute_r_script", {"script": GREEDY})})
    result = new_engine(workers=1, memory_limit=900_000_000).run(pipeline, base=tmp_path)
    assert result.nodes["r"].status == "failed"
    # Either the watch ends the step, or the system refuses R the memory.
    assert (
        "memory" in result.nodes["r"].error["message"]
        or "cannot allocate" in (result.nodes["r"].error["message"])
    )

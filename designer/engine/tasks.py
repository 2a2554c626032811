"""From a step of a run to the task that an executor gets, and back from its error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from designer.engine.dependencies import Dependencies
from designer.engine.executors.base import Task, TaskListener
from designer.engine.fingerprints import module_file
from designer.engine.reuse import stored_result
from designer.engine.step_state import StepState
from modules.contract import Effects


def make_task(state: StepState, dependencies: Dependencies, base: Path, *, reuse: bool) -> Task:
    """Return the task of a step whose key and log are known.

    Parameters
    ----------
    base : Path
        The working folder of the step.
    reuse : bool
        Whether stored results may be reused.
    """
    step, log = state.step, state.log
    assert step.spec is not None
    assert log is not None
    name = step.spec.function.__module__
    # What can't be imported by its name is loaded from its file.
    own = name.partition(".")[0] == "user_modules"
    return Task(
        node=step.node,
        key=state.key,
        base=state.base,
        module=name,
        module_file=str(module_file(step.spec)) if own else None,
        function=step.spec.function.__name__,
        arguments=step.arguments,
        inputs=dependencies.values(step),
        wanted=dependencies.wanted(step.node),
        threads=step.threads,
        fresh_inputs=step.spec.effects == Effects.USER_CODE,
        replace=not reuse or step.reuse is False,
        about={
            "module": step.spec.id,
            "version": step.spec.version,
            "threads": step.threads,
            "volatile": state.by_content,
        },
        folder=str(base),
        leftovers=str(log.absolute().with_suffix(".pictures")),
        stop_file=str(stop_file(log)),
    )


def stop_file(log: Path) -> Path:
    """Return the file that asks the step with this log to stop, and to keep what it has."""
    return log.absolute().with_suffix(".stop")


def with_source(
    error: Mapping[str, Any], state: StepState, states: Mapping[str, StepState]
) -> Mapping[str, Any]:
    """Let an error of a step that is about a stored input name the module that output it."""
    source = state.step.inputs.get(error.get("port", ""))
    if source is None or error.get("code") not in ("value-damaged", "value-missing"):
        return error
    name = stored_result(states[source.node].step, source.port)
    what = "is gone" if error["code"] == "value-missing" else "is damaged and can't be read"
    return {**error, "message": f"{name} {what}.", "hint": "Run the pipeline again."}


def make_listener(put: Callable[[tuple[Any, ...]], None], node: str, attempt: int) -> TaskListener:
    """Return the listener of a task, which makes messages of what it hears."""
    return TaskListener(
        running=lambda worker: put(("running", node, attempt, worker)),
        progress=lambda fraction, text: put(("progress", node, attempt, fraction, text)),
        computed=lambda computed: put(("computed", node, attempt, computed)),
        line=lambda stream, text: put(("line", node, attempt, text, stream)),
        trial=lambda trial: put(("trial", node, attempt, trial)),
    )

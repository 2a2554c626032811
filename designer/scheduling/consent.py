"""What a scheduled run needs from the user before it can run without them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from designer.scheduling.errors import ScheduleError
from designer.scheduling.schedule import Schedule, azure_target
from designer.scheduling.triggers import FileChange
from designer.workspace import Workspace

if TYPE_CHECKING:
    from designer.engine.accesses import Access
    from designer.pipeline.model import Pipeline
    from designer.pipeline.problem import Problem
    from modules.contract import ModuleSpec


class ProblemsError(ScheduleError):
    """The pipeline of a schedule can't run.

    Attributes
    ----------
    problems : sequence of Problem
        Everything that is wrong.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(problems[0].message, f"{problems[0].hint}{more}".strip())
        self.problems = problems


def read_pipeline(schedule: Schedule, specs: Mapping[str, ModuleSpec]) -> Pipeline:
    """Return the pipeline of a schedule, with its settings.

    Raises
    ------
    ScheduleError
        If the file is gone, can't be read, or has no such nodes or parameters.
    """
    from designer.pipeline.file import PipelineFileError, read
    from designer.run_values import parameter_values, with_settings

    path = Path(schedule.file)
    try:
        pipeline = read(path)
    except PipelineFileError as error:
        raise ScheduleError(error.message, error.hint) from error
    pipeline, wrong = with_settings(pipeline, specs, schedule.settings)
    _, unfit = parameter_values(pipeline, schedule.parameters)
    if wrong or unfit:
        raise ProblemsError([*wrong, *unfit])
    return pipeline


def needed(
    schedule: Schedule, workspace: Workspace, specs: Mapping[str, ModuleSpec]
) -> list[Access]:
    """Return what the pipeline of a schedule does that the user hasn't agreed to.

    Raises
    ------
    ScheduleError
        See :func:`read_pipeline`.
    """
    from designer.engine.accesses import ALLOWED, accesses
    from designer.trust import Trust

    pipeline = read_pipeline(schedule, specs)
    trust = Trust(workspace.folder)
    return [
        access
        for access in accesses(pipeline, specs, Path(schedule.file).parent, workspace)
        if not pipeline.nodes[access.node].disabled and not trust.given(ALLOWED, access.digest)
    ]


def agree(found: Sequence[Access], workspace: Workspace, source: Path) -> None:
    """Remember that the user agrees to what the pipeline in a file does.

    A workspace that isn't writable can't.
    """
    from designer.engine.accesses import ALLOWED
    from designer.trust import Trust

    trust = Trust(workspace.folder)
    for access in found:
        with suppress(OSError):
            trust.give(ALLOWED, access.digest, access.shown(source))


def problem_of(schedule: Schedule, workspace: Workspace) -> ScheduleError | None:
    """Return what the user has to do before a schedule can run; None if it can."""
    from designer.catalog import load_catalog

    if schedule.is_script:
        try:
            check_script(schedule, workspace)
        except ScheduleError as error:
            return error
        return None
    try:
        missing = needed(schedule, workspace, load_catalog(*workspace.own_modules))
    except ScheduleError as error:
        return error
    if not missing:
        return None
    nodes = ", ".join(f"“{name}”" for name in dict.fromkeys(access.node for access in missing))
    return ScheduleError(
        f"The pipeline does something that you haven't agreed to: {nodes} "
        "runs code, or reads or writes other data, since it was changed.",
        "Open it in ModelDesk, and allow that.",
    )


def check_script(schedule: Schedule, workspace: Workspace) -> None:
    """Check that the script of a schedule can run; nothing of it is executed.

    As with cron, the user agrees to running the file, whatever they change in it.

    Raises
    ------
    ScheduleError
        If the run configuration is wrong, or something that it names is missing.
    """
    from designer.scripts.configuration import check
    from designer.scripts.configuration_file import read_configuration
    from designer.scripts.problem import ScriptError

    try:
        configuration = read_configuration(Path(schedule.file))
        if schedule.target:
            configuration = replace(configuration, compute=schedule.target)
        check(configuration, workspace)
    except ScriptError as error:
        raise ScheduleError(error.message, error.hint) from None


def check_writes(schedule: Schedule, workspace: Workspace, specs: Mapping[str, ModuleSpec]) -> None:
    """Check that a run doesn't change what starts it.

    Raises
    ------
    ScheduleError
        If it writes into the folder that is watched: each run would start the next.
    """
    from designer.engine.accesses import named_accesses

    trigger = schedule.trigger
    if not isinstance(trigger, FileChange) or azure_target(schedule.target) is not None:
        return
    pipeline = read_pipeline(schedule, specs)
    base, watched = Path(schedule.file).parent, Path(trigger.path)
    for access in named_accesses(pipeline, pipeline.nodes.values(), specs, base, workspace):
        for target in access.targets if access.kind == "write" else ():
            if "://" not in target and Path(target).is_relative_to(watched):
                raise ScheduleError(
                    f"“{access.node}” writes to “{target}”, whose change would start the next run.",
                    "Write to another folder, or watch another one.",
                )

"""Writes a scoring package: one folder that scores wherever Python runs.

::

    score.py                     entry script with init() and run()
    model/                       fitted models; see modules.scoring
    modules/                     the code, as it was when the package was written, and
                                 beside it the plug-ins that it takes
    pipeline.pipeline.json       the inference pipeline, to be opened
    environment/                 conda.yml for Azure ML's server, requirements.txt for ours
    Dockerfile
    sample_request.json  openapi.json  swagger.json
    MANIFEST.json                every file with its size and hash
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from designer.deployment.problem import ServingError, serving_error
from designer.deployment.texts import package_texts as recipes
from designer.deployment.texts.openapi import openapi, sample_request, swagger
from designer.inference.scoring_folder import VALUES, ScoringError, write_scoring_folder
from designer.pipeline.file import dumps
from designer.pipeline.model import Pipeline
from modules.contract.errors import ModuleError
from modules.contract.specification import ModuleSpec
from modules.scoring import PLAN, SAMPLES, Prepared, StepEffect, prepare
from modules.scoring.effects import check_effects, effects_of

MODEL = "model"
ENTRY_SCRIPT = "score.py"
PIPELINE = "pipeline.pipeline.json"
CONDA = "environment/conda.yml"
REQUIREMENTS = "environment/requirements.txt"
DOCKERFILE = "Dockerfile"
SAMPLE = "sample_request.json"


@dataclass(frozen=True)
class Package:
    """A scoring package that was written.

    Parameters
    ----------
    compiled : bool
        Every step has a compiled form, and its scores equal those of the tables.
    messages : tuple of str
        Sentences for the user; why it isn't compiled, for example.
    effects : tuple of StepEffect
        What its steps do beyond computing; all of it is allowed.
    tables : tuple of str
        Which tables of the user's are in it, one sentence each.
    """

    folder: Path
    compiled: bool
    messages: tuple[str, ...] = ()
    effects: tuple[StepEffect, ...] = ()
    tables: tuple[str, ...] = ()

    @property
    def allowed(self) -> frozenset[str]:
        """The effects that it may have; see :data:`modules.scoring.ALLOWABLE`."""
        return frozenset(each.effect for each in self.effects)


def write_package(
    pipeline: Pipeline,
    specs: Mapping[str, ModuleSpec],
    folder: Path,
    *,
    base: Path,
    resolve: Callable[[str], Path] | None = None,
    name: str = "endpoint",
    allowed: Collection[str],
    on_step: Callable[[str], object] = lambda step: None,
) -> Package:
    """Write a scoring package into a new folder.

    The compiled form is kept only where its scores equal those of the tables on the
    example rows. Equal pipelines produce equal packages, byte for byte.

    Parameters
    ----------
    pipeline : Pipeline
        An inference pipeline.
    base : Path
        The folder that its relative paths start from.
    resolve : callable, optional
        For ``dataset:NAME``; see ``Workspace.resolve``.
    allowed : collection of str
        Effects that the pipeline may have, which is run here with example rows.
    on_step : callable, optional
        Called with ``entry-script`` and ``configuration`` as these begin.

    Raises
    ------
    ServingError
        If the pipeline can't be served, or has another effect.
    OSError
        If the folder can't be written.
    """
    from designer.packaging.plug_ins import requirements, requirements_of_values
    from designer.packaging.snapshot import write_snapshot
    from modules.endpoint.package import write_manifest

    on_step("entry-script")
    folder.mkdir(parents=True, exist_ok=True)
    model = folder / MODEL
    try:
        write_scoring_folder(
            pipeline, specs, model, base=base, resolve=resolve, confined="reads" not in allowed
        )
        plan = _read(model / PLAN)
        check_effects(model, plan, allowed)
        effects = effects_of(model, plan)
        prepared = prepare(model)
    except ScoringError as error:
        raise ServingError(error.message, error.hint) from error
    except ModuleError as error:
        raise serving_error(error) from error
    samples = _read(model / SAMPLES)
    used = [pipeline.nodes[step["node"]] for step in plan["steps"]]
    had = frozenset(each.effect for each in effects)
    requires = {each for node in used for each in requirements(specs[node.module], node.parameters)}
    requires |= set(requirements_of_values(model / VALUES))
    write_snapshot(folder, requires=requires)
    _write(folder / PIPELINE, dumps(_with_package_paths(pipeline, model)))
    _write(folder / ENTRY_SCRIPT, recipes.entry_script(had))
    on_step("configuration")
    _write_environment(folder, name, sorted(requires))
    _write(folder / DOCKERFILE, recipes.dockerfile(had, requires))
    _write_json(folder / SAMPLE, sample_request(plan, samples))
    _write_json(folder / "openapi.json", openapi(name, plan, samples))
    _write_json(folder / "swagger.json", swagger(name, plan, samples))
    content = {
        "name": name,
        "run": plan.get("run"),
        "compiled": prepared.compiled,
    }
    write_manifest(folder, content)
    tables = _tables_that_travel(prepared)
    made_up = "No rows of your data are in the package; its example rows are made up."
    messages = _messages(prepared.compiled, prepared.reasons)
    return Package(folder, prepared.compiled, (*messages, *(tables or (made_up,))), effects, tables)


def _messages(compiled: bool, reasons: tuple[str, ...]) -> tuple[str, ...]:
    if compiled:
        return (
            "Every step was compiled; its scores equal those of the pipeline on the example rows.",
        )
    first = "The endpoint scores with tables, which takes a few milliseconds per request."
    return (first, *reasons)


def _tables_that_travel(prepared: Prepared) -> tuple[str, ...]:
    """Return which of the user's own tables are in the package, one sentence each."""
    return tuple(
        f"The package contains the table of “{node}”, which scoring needs: {rows:,} rows with "
        f"{columns:,} columns. Whoever gets the package can read it."
        for node, (rows, columns) in prepared.tables.items()
    )


def _write_environment(folder: Path, name: str, requires: list[str]) -> None:
    from designer.packaging.errors import PackagingError

    (folder / "environment").mkdir(exist_ok=True)
    try:
        _write(folder / REQUIREMENTS, recipes.requirements(requires))
        _write(folder / CONDA, recipes.conda_file(name, requires))
    except PackagingError as error:
        problem = error.problems[0]
        raise ServingError(problem.message, problem.hint) from error


def _with_package_paths(pipeline: Pipeline, model: Path) -> Pipeline:
    """Return the pipeline with the paths of its kept values within the package."""
    # The table of a step comes before the made-up rows of an input.
    found = sorted((model / VALUES).glob("*"), key=lambda path: not path.name.endswith("-example"))
    there = {path.name.rpartition("-")[0]: path for path in found}
    nodes = dict(pipeline.nodes)
    for name, node in pipeline.nodes.items():
        kept = there.get(name.replace("/", "."))
        if kept is not None and isinstance(node.parameters.get("path"), str):
            inside = kept.relative_to(model.parent)
            if not node.module.startswith("saved_"):
                inside = next(iter(kept.iterdir())).relative_to(model.parent)
            parameters = {**node.parameters, "path": inside.as_posix()}
            nodes[name] = replace(node, parameters=parameters)
    return replace(pipeline, nodes=nodes)


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8", newline="\n")


def _write_json(path: Path, content: Any) -> None:
    _write(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")

"""From a pipeline file to an endpoint, step by step."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from designer.deployment.consent import agreed_effects
from designer.deployment.endpoints import Endpoints
from designer.deployment.naming import check_key, check_name
from designer.deployment.problem import ServingError
from designer.deployment.provenance import is_own
from designer.deployment.rollback import Rollback, rolled_back_on_failure
from designer.deployment.scoring_package import Package, write_package
from designer.deployment.steps import OnStep, Steps
from designer.deployment.target import DeploymentTarget, DeployRequest, DeployResult
from designer.deployment.targets import find_target, parse_options, title_of
from designer.pipeline.model import Pipeline
from designer.pipeline.own_modules import WEB_SERVICE
from designer.private_files import make_folder
from designer.records import DamagedRecordError
from designer.workspace import Workspace
from modules.contract.specification import ModuleSpec


@dataclass(frozen=True)
class Packed:
    """A scoring package, ready to be deployed.

    Parameters
    ----------
    run : str
        The run that the model comes from; empty if that isn't known.
    messages : tuple of str
        Sentences for the user.
    """

    package: Package
    run: str
    messages: tuple[str, ...]


def deploy(
    workspace: Workspace | Path | str,
    file: Path | str,
    name: str,
    target: str = "local",
    options: Mapping[str, Any] | None = None,
    *,
    key: str | None = None,
    scores: Sequence[str] = (),
    allow: Collection[str] = (),
    register: bool = True,
    explain: bool = False,
    on_step: OnStep = lambda step, status, text: None,
) -> DeployResult:
    """Deploy a pipeline file, on this computer or elsewhere.

    It imports pandas and scikit-learn, and the libraries of the target; the window calls it in
    another process. If it is cancelled, by an exception in ``on_step`` for example, what was
    made so far is rolled back.

    Parameters
    ----------
    file : Path
        An inference pipeline, or a training pipeline that was run: its inference
        pipeline is then made from the last run.
    target : str
        The name of a deployment target.
    options : mapping, optional
        Values by the names of the target's options.
    key : str, optional
        The primary key; by default a random one.
    scores : sequence of str, optional
        Of a training pipeline: the scoring steps to take.
    allow : collection of str
        Effects that the pipeline may have though it wasn't run here; see
        :data:`modules.scoring.ALLOWABLE`. What was run here may have every effect.
    register : bool
        Whether the model is registered in the registry of this computer's workspace.
    explain : bool
        Whether responses contain the contributions to each prediction.
    on_step : callable
        See :data:`OnStep`.

    Raises
    ------
    ServingError
        If it can't be deployed. A version that was running keeps running.
    """
    if not isinstance(workspace, Workspace):
        workspace = Workspace(Path(workspace))
    check_name(name)
    kind = find_target(target)
    values = parse_options(kind, options or {})
    if key is not None:
        check_key(key)
    _check_needs(kind, key)
    endpoints = Endpoints(workspace)
    root = endpoints.records.root
    make_folder(root)
    _check_target_of(endpoints, name, target)
    chosen = kind(endpoints.records)
    with (
        Steps(on_step) as steps,
        tempfile.TemporaryDirectory(prefix=".new-", dir=root, ignore_cleanup_errors=True) as made,
    ):
        folder = Path(made) / "package"
        about: dict[str, Any] = {"file": str(Path(file).absolute())}
        request = DeployRequest(name, folder, values, frozenset(), key, about)
        chosen.check(request)
        packed = pack(
            workspace,
            Path(file),
            folder,
            name,
            scores=scores,
            allow=allow,
            explain=explain,
            on_step=steps.begin,
        )
        about |= {"allowed": sorted(packed.package.allowed), "messages": list(packed.messages)}
        request = replace(request, allowed=packed.package.allowed)
        for sentence in packed.package.tables:
            # Before they leave this computer.
            steps.notify(sentence)
        chosen.prepare(request, steps)
        run = packed.run if register else ""
        return deploy_package(chosen, request, steps, run)


def deploy_package(
    chosen: DeploymentTarget, request: DeployRequest, steps: Steps, run: str
) -> DeployResult:
    """Deploy a finished scoring package as the next version, and register its model.

    Parameters
    ----------
    run : str
        The run that the model comes from; empty to register none.

    Raises
    ------
    ServingError
        If it can't be deployed. A version that was running keeps running.
    """
    messages, model = list(request.about.get("messages", ())), ""
    with rolled_back_on_failure() as rollback:
        if run:
            steps.begin("register")
            model, sentence = _register(chosen.records.workspace, request, run, rollback)
            messages.append(sentence)
        else:
            steps.skip("register")
        about = {**request.about, "model": model, "messages": messages}
        result = chosen.deploy(replace(request, about=about), steps)
    return replace(result, model=model, messages=(*messages, *result.messages))


def _check_needs(target: type[DeploymentTarget], key: str | None) -> None:
    """Raise if the target can't do it, or not on this computer."""
    for need in target.needs():
        raise ServingError(
            need.message,
            f"{need.hint} Or only write the files, for another computer.".strip(),
            remedy="files",
        )
    if key is not None and not target.takes_key:
        raise ServingError(f"“{target.title}” creates its own keys.", "Omit the key.", option="key")


def _check_target_of(endpoints: Endpoints, name: str, target: str) -> None:
    """Raise if an endpoint would move to another target: its versions stay where it is."""
    if name in endpoints.names():
        other = endpoints.records.target(name)
        if other != target:
            raise ServingError(
                f"“{name}” is already deployed to “{title_of(other)}”.",
                "Choose another name, or delete it first.",
                remedy="delete",
                subject=name,
            )


def pack(
    workspace: Workspace | Path | str,
    file: Path | str,
    folder: Path,
    name: str,
    *,
    scores: Sequence[str] = (),
    allow: Collection[str] = (),
    explain: bool = False,
    on_step: Callable[[str], object] = lambda step: None,
) -> Packed:
    """Write the scoring package of a pipeline file into a new folder.

    Its effects are allowed from then on.

    Parameters
    ----------
    allow : collection of str
        Effects that the pipeline may have though it wasn't run here as it is now.
    explain : bool
        Whether responses contain the contributions to each prediction.

    Raises
    ------
    ServingError
        If the pipeline wasn't run, can't be served, or has an effect that isn't allowed.
    """
    from designer.catalog import load_catalog
    from modules.scoring import EVERYTHING

    if not isinstance(workspace, Workspace):
        workspace = Workspace(Path(workspace))
    file = Path(file)
    catalog = load_catalog(*workspace.own_modules)
    on_step("inference")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        pipeline, base, run, messages = _inference_pipeline(workspace, file, Path(made), scores)
        if explain:
            pipeline = _with_explanations(pipeline, catalog)
        _check(pipeline, catalog, base, workspace)
        space = workspace
        own = is_own(pipeline, catalog, base, workspace, run)
        try:
            package = write_package(
                pipeline,
                catalog,
                folder,
                base=base,
                resolve=lambda path: space.resolve(path, base),
                name=name,
                allowed=EVERYTHING if own else frozenset(allow),
                on_step=on_step,
            )
            agreed_effects(workspace, folder, package.allowed)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return Packed(package, run, (*messages, *package.messages))


def is_inference(pipeline: Pipeline) -> bool:
    """Return whether a pipeline can accept requests as it is."""
    modules = {node.module for node in pipeline.nodes.values()}
    return modules.issuperset(WEB_SERVICE)


def _with_explanations(pipeline: Pipeline, specs: Mapping[str, ModuleSpec]) -> Pipeline:
    from designer.inference.draft import InferenceError
    from designer.inference.explaining import with_explanations

    try:
        return with_explanations(pipeline, specs)
    except InferenceError as error:
        raise ServingError(error.message, error.hint) from error


def _check(
    pipeline: Pipeline, specs: Mapping[str, ModuleSpec], base: Path, workspace: Workspace
) -> None:
    """Raise if the inference pipeline has errors, with the sentences of all of them."""
    from designer.pipeline.validation import validate

    found = validate(pipeline, specs, base=base, datasets=workspace.dataset_store.references())
    errors = [problem for problem in found if problem.severity == "error"]
    if errors:
        raise ServingError("\n".join(error.message for error in errors), errors[0].hint)


def _inference_pipeline(
    workspace: Workspace, file: Path, values: Path, scores: Sequence[str]
) -> tuple[Pipeline, Path, str, list[str]]:
    """Return the inference pipeline, where its paths start, its run, and messages."""
    from designer.engine.results import base_of, read_pipeline
    from designer.inference.conversion_job import make_inference
    from designer.pipeline.file import dumps, loads, read

    if not file.exists():
        raise ServingError(f"There is no file “{file}”.")
    pipeline = read(file, workspace.modules_folder)
    record = pipeline.extra.get("inference")
    record = record if isinstance(record, dict) else {}
    base = file.absolute().parent
    if is_inference(pipeline):
        return pipeline, base, str(record.get("run") or ""), []
    if record.get("kind") == "batch":
        raise ServingError(
            f"“{file.name}” is a batch inference pipeline; it doesn't accept requests.",
            "Create a real-time inference pipeline from the training pipeline.",
        )
    run = workspace.latest_run(file)
    if run is None:
        raise ServingError(
            f"“{file.name}” hasn't been run yet, so there is no trained model.",
            "Run it.",
            remedy="run",
            subject=str(file),
        )
    ran, ran_as = read_pipeline(workspace.run_folder(run)), _run_record(workspace, run)
    made = make_inference(
        {
            "pipeline": dumps(ran),
            "run": ran_as,
            "base": str(base_of(ran_as)),
            "values": str(values),
            "target": str(values),
            "scores": scores,
            "source": str(file.absolute()),
            "modules": list(map(str, workspace.own_modules)),
        }
    )
    if "error" in made:
        raise ServingError(made["error"]["message"], made["error"]["hint"])
    return loads(made["pipeline"]), values, run, list(made["messages"])


def _run_record(workspace: Workspace, run: str) -> dict[str, Any]:
    from designer.engine.results import read_record

    try:
        return read_record(workspace, run)
    except DamagedRecordError as error:
        raise ServingError(error.message, error.hint, wrong_input=False) from error


def _register(
    workspace: Workspace, request: DeployRequest, run: str, rollback: Rollback
) -> tuple[str, str]:
    """Register the model; an endpoint needs no registry, so an error is only reported."""
    try:
        from designer.tracking import registry
        from designer.tracking.settings import TrackingError
    except ImportError:
        return "", "The model wasn't registered: MLflow isn't installed."
    name, folder = request.name, request.package / "model"
    # A signal reaches the main thread only. So even when the deployment is cancelled just now,
    # it is known which version was made.
    with ThreadPoolExecutor(1, "register") as thread:
        work = thread.submit(registry.register, workspace, name, run, folder=folder)

        def unregister() -> None:
            if work.exception() is None:
                registry.delete(workspace, name, str(work.result()["version"]))

        rollback.add(f"the model “{name}” in the registry of this computer", unregister)
        try:
            number = work.result()["version"]
        except TrackingError as error:
            return "", f"The model wasn't registered: {error.message}"
    return f"{name} version {number}", f"The model was registered as “{name}”, version {number}."

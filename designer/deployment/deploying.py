"""From a pipeline file to an endpoint, step by step."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from designer.deployment.endpoints import Endpoints
from designer.deployment.naming import check_key, check_name
from designer.deployment.options import AZURE, TITLES, TargetOptions, check_target
from designer.deployment.place import Order
from designer.deployment.problem import ServingError
from designer.deployment.rollback import Undoing, undone_on_failure
from designer.deployment.scoring_package import Package, write_package
from designer.deployment.steps import STEPS, OnStep, Steps, steps_of
from designer.pipeline.model import Pipeline
from designer.pipeline.own_modules import WEB_SERVICE
from designer.workspace import Workspace

__all__ = [
    "STEPS",
    "Deployment",
    "OnStep",
    "Packed",
    "deploy",
    "is_inference",
    "pack",
    "steps_of",
]


@dataclass(frozen=True)
class Packed:
    """A scoring package, ready to be deployed.

    Parameters
    ----------
    run : str
        The run that the model comes from; empty if that is not known.
    said : tuple of str
        Plain sentences for the person.
    """

    package: Package
    run: str
    said: tuple[str, ...]


@dataclass(frozen=True)
class Deployment:
    """An endpoint that was deployed and answered a test request.

    Parameters
    ----------
    target : str
        One of :data:`designer.deployment.targets.TARGETS`.
    pid : int or None
        Its process, on this computer.
    model : str
        The registered model as ``NAME version N``; empty if it was not registered.
    portal : str
        The page of Azure ML studio that shows it; empty for what is not in Azure.
    said : tuple of str
        Plain sentences for the person.
    """

    name: str
    target: str
    url: str
    key: str = field(repr=False)
    version: int
    pid: int | None = None
    model: str = ""
    portal: str = ""
    said: tuple[str, ...] = ()

    @property
    def logs(self) -> str:
        """The command that prints its log."""
        return f"designer endpoints logs {self.name}"

    def to_json(self) -> dict[str, Any]:
        """Return what ``designer deploy --json`` prints."""
        return {
            "name": self.name,
            "url": self.url,
            "key": self.key,
            "version": self.version,
            "pid": self.pid,
        }


def deploy(
    workspace: Workspace | Path | str,
    file: Path | str,
    name: str,
    target: str = "local",
    options: TargetOptions | None = None,
    *,
    key: str | None = None,
    scores: Sequence[str] = (),
    register: bool = True,
    on_step: OnStep = lambda step, status, text: None,
) -> Deployment:
    """Deploy a pipeline file, on this computer or elsewhere.

    It imports pandas and scikit-learn, and the SDK of an Azure target; the window calls it
    in another process. If it is ended early, by an exception in ``on_step`` for example,
    what was made so far is deleted.

    Parameters
    ----------
    file : Path
        An inference pipeline, or a training pipeline that was run: its inference
        pipeline is then made from the last run.
    target : str
        One of :data:`designer.deployment.targets.TARGETS`.
    options : TargetOptions, optional
        Sizes, the workspace's config.json, the port.
    key : str, optional
        The primary key; by default one that nobody can guess.
    scores : sequence of str, optional
        Of a training pipeline: the scoring steps to take.
    register : bool
        Whether the model is registered in the registry of this computer's workspace.
    on_step : callable
        See :data:`OnStep`.

    Raises
    ------
    ServingError
        If it can't be deployed. A version that ran before goes on.
    """
    if not isinstance(workspace, Workspace):
        workspace = Workspace(Path(workspace))
    options = options or TargetOptions()
    check_name(name)
    check_target(target, options)
    if key is not None:
        check_key(key)
    endpoints = Endpoints(workspace)
    endpoints.records.place.mkdir(parents=True, exist_ok=True)
    _check_target_of(endpoints, name, target)
    place = endpoints.place(target)
    place.check(name, options, key)
    steps = Steps(on_step)
    with (
        steps,
        tempfile.TemporaryDirectory(
            prefix=".new-", dir=endpoints.records.place, ignore_cleanup_errors=True
        ) as made,
    ):
        folder = Path(made) / "package"
        packed = pack(workspace, Path(file), folder, name, scores=scores, on_step=steps.begin)
        said = list(packed.said)
        about = {"file": str(Path(file).absolute())}
        order = Order(name, folder, options, bool(packed.package.own_code), key, about)
        place.prepare(order, steps)
        model = ""
        with undone_on_failure() as undoing:
            if register and packed.run:
                steps.begin("register")
                model, sentence = _register(workspace, name, packed, undoing)
                said.append(sentence)
            elif target not in AZURE:
                steps.skip("register")
            order = replace(order, about={**about, "model": model, "said": said})
            ready = place.deploy(order, steps)
    return Deployment(
        name,
        target,
        ready.url,
        ready.key,
        ready.version,
        ready.pid,
        model,
        ready.portal,
        (*said, *ready.said),
    )


def _check_target_of(endpoints: Endpoints, name: str, target: str) -> None:
    """Refuse to move an endpoint to another target: its versions are where it is."""
    if name in endpoints.names():
        other = endpoints.records.target(name)
        if other != target:
            raise ServingError(
                f"“{name}” is deployed to {TITLES[other]} already.",
                "Take another name, or delete it first.",
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
    on_step: Callable[[str], object] = lambda step: None,
) -> Packed:
    """Write the scoring package of a pipeline file into a new folder.

    Raises
    ------
    ServingError
        If the pipeline was not run, or can't be served.
    """
    from designer.catalog import load_catalog

    if not isinstance(workspace, Workspace):
        workspace = Workspace(Path(workspace))
    file = Path(file)
    catalog = load_catalog(workspace.own_modules)
    on_step("inference")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        pipeline, base, run, said = _inference_pipeline(workspace, file, Path(made), scores)
        space = workspace
        try:
            package = write_package(
                pipeline,
                catalog,
                folder,
                base=base,
                resolve=lambda path: space.resolve(path, base),
                name=name,
                on_step=on_step,
            )
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return Packed(package, run, (*said, *package.said))


def is_inference(pipeline: Pipeline) -> bool:
    """Tell whether a pipeline can take requests as it is."""
    modules = {node.module for node in pipeline.nodes.values()}
    return modules.issuperset(WEB_SERVICE)


def _inference_pipeline(
    workspace: Workspace, file: Path, values: Path, scores: Sequence[str]
) -> tuple[Pipeline, Path, str, list[str]]:
    """Return the inference pipeline, where its paths start, its run, and what to say."""
    from designer.inference.conversion_job import make_inference
    from designer.pipeline.file import dumps, loads, read

    if not file.exists():
        raise ServingError(f"There is no file “{file}”.")
    pipeline = read(file)
    record = pipeline.extra.get("inference")
    record = record if isinstance(record, dict) else {}
    base = file.absolute().parent
    if is_inference(pipeline):
        return pipeline, base, str(record.get("run") or ""), []
    if record.get("kind") == "batch":
        raise ServingError(
            f"“{file.name}” is a batch inference pipeline; it takes no requests.",
            "Create a real-time inference pipeline from the training pipeline.",
        )
    run = workspace.latest_run(file)
    if run is None:
        raise ServingError(
            f"“{file.name}” was not run yet, so there is no trained model.",
            "Run it.",
            remedy="run",
            subject=str(file),
        )
    ran = read(workspace.run_folder(run) / "pipeline.json")
    made = make_inference(
        {
            "pipeline": dumps(ran),
            "run": workspace.run_record(run),
            "base": str(base),
            "values": str(values),
            "target": str(values),
            "scores": scores,
            "source": str(file.absolute()),
            "modules": str(own) if (own := workspace.own_modules) else None,
        }
    )
    if "error" in made:
        raise ServingError(made["error"]["message"], made["error"]["hint"])
    return loads(made["pipeline"]), values, run, list(made["messages"])


def _register(workspace: Workspace, name: str, packed: Packed, undoing: Undoing) -> tuple[str, str]:
    """Register the model; an endpoint needs no registry, so what goes wrong is only said."""
    try:
        from designer.tracking import registry
        from designer.tracking.settings import TrackingError
    except ImportError:
        return "", "The model was not registered: MLflow is not installed."
    folder = packed.package.folder / "model"
    # A signal reaches the main thread only. So even when the deployment is ended just now, it
    # is known which version was made.
    with ThreadPoolExecutor(1, "register") as thread:
        work = thread.submit(registry.register, workspace, name, packed.run, folder=folder)

        def unregister() -> None:
            if work.exception() is None:
                registry.delete(workspace, name, str(work.result()["version"]))

        undoing.add(f"the model “{name}” in the registry of this computer", unregister)
        try:
            number = work.result()["version"]
        except TrackingError as error:
            return "", f"The model was not registered: {error.message}"
    return f"{name} version {number}", f"The model was registered as “{name}”, version {number}."

"""From a pipeline file to an endpoint on this computer, step by step."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from designer.pipeline.model import WEB_SERVICE_INPUT, Pipeline
from designer.pipeline.scoring import WEB_SERVICE_OUTPUT
from designer.serving.endpoints import Endpoints, check_key, check_name
from designer.serving.packaging import Package, write_package
from designer.serving.problem import ServingError
from designer.workspace import Workspace

STEPS = (
    "Inference pipeline",
    "Scoring package",
    "Register model",
    "Deploy",
    "Test",
)
"""The steps of a deployment, in order; ``on_step`` is called with each as it begins."""


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
    model : str
        The registered model as ``NAME version N``; empty if it was not registered.
    """

    name: str
    url: str
    key: str
    version: int
    pid: int
    model: str
    said: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return what ``designer deploy --json`` prints."""
        return {
            "name": self.name,
            "url": self.url,
            "key": self.key,
            "version": self.version,
            "pid": self.pid,
        }

    def __repr__(self) -> str:
        return f"Deployment({self.name!r}, {self.url!r}, version={self.version}, pid={self.pid})"


def deploy(
    workspace: Workspace | Path | str,
    file: Path | str,
    name: str,
    *,
    port: int | None = None,
    key: str | None = None,
    scores: Sequence[str] = (),
    register: bool = True,
    on_step: Callable[[str], object] = lambda step: None,
) -> Deployment:
    """Deploy a pipeline file on this computer.

    It imports pandas and scikit-learn; the window calls it in another process
    (``Engine.call``).

    Parameters
    ----------
    file : Path
        An inference pipeline, or a training pipeline that was run: its inference
        pipeline is then made from the last run.
    port : int, optional
        The port; by default that of the endpoint, or the next that is free.
    key : str, optional
        The primary key; by default one that nobody can guess.
    scores : sequence of str, optional
        Of a training pipeline: the scoring steps to take.
    register : bool
        Whether the model is registered.

    Raises
    ------
    ServingError
        If it can't be deployed. A version that ran before goes on.
    """
    if not isinstance(workspace, Workspace):
        workspace = Workspace(Path(workspace))
    check_name(name)
    if key is not None:
        check_key(key)
    endpoints = Endpoints(workspace)
    endpoints.workspace.endpoints_folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        prefix=".new-", dir=endpoints.workspace.endpoints_folder, ignore_cleanup_errors=True
    ) as made:
        folder = Path(made) / "package"
        packed = pack(workspace, Path(file), folder, name, scores=scores, on_step=on_step)
        said = list(packed.said)
        model = ""
        if register and packed.run:
            on_step("Register model")
            model, sentence = _register(workspace, name, packed)
            said.append(sentence)
        on_step("Deploy")
        about = {"file": str(Path(file).absolute()), "model": model, "said": said}
        version = endpoints.add_version(name, folder, about, key=key)
    status = endpoints.start(name, version=version, port=port)
    on_step("Test")
    sample = (endpoints.package(name, version) / "sample_request.json").read_bytes()
    answered, body = endpoints.ask(name, "POST", "/score", sample)
    if answered != 200:
        said.append(
            f"The endpoint answered its sample request with status {answered}: "
            f"{body.decode('utf-8', 'replace')[:300]}"
        )
    return Deployment(
        name,
        status.url,
        endpoints.keys(name).primary,
        version,
        status.pid or 0,
        model,
        tuple(said),
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
    own = workspace.folder / "modules"
    catalog = load_catalog(own if own.is_dir() else None)
    on_step("Inference pipeline")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        pipeline, base, run, said = _inference_pipeline(workspace, file, Path(made), scores)
        on_step("Scoring package")
        space = workspace
        try:
            package = write_package(
                pipeline,
                catalog,
                folder,
                base=base,
                resolve=lambda path: space.resolve(path, base),
                name=name,
            )
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return Packed(package, run, (*said, *package.said))


def is_inference(pipeline: Pipeline) -> bool:
    """Tell whether a pipeline can take requests as it is."""
    modules = {node.module for node in pipeline.nodes.values()}
    return {WEB_SERVICE_INPUT, WEB_SERVICE_OUTPUT} <= modules


def _inference_pipeline(
    workspace: Workspace, file: Path, values: Path, scores: Sequence[str]
) -> tuple[Pipeline, Path, str, list[str]]:
    """Return the inference pipeline, where its paths start, its run, and what to say."""
    from designer.pipeline.file import dumps, loads, read
    from designer.pipeline.inference_work import make_inference

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
            f"Run it: designer run {file}",
        )
    ran = read(workspace.run_folder(run) / "pipeline.json")
    own = workspace.folder / "modules"
    made = make_inference(
        {
            "pipeline": dumps(ran),
            "run": workspace.run_record(run),
            "base": str(base),
            "values": str(values),
            "target": str(values),
            "scores": scores,
            "source": str(file.absolute()),
            "modules": str(own) if own.is_dir() else None,
        }
    )
    if "error" in made:
        raise ServingError(made["error"]["message"], made["error"]["hint"])
    return loads(made["pipeline"]), values, run, list(made["said"])


def _register(workspace: Workspace, name: str, packed: Packed) -> tuple[str, str]:
    """Register the model; an endpoint needs no registry, so what goes wrong is only said."""
    try:
        from designer.tracking.registry import register
        from designer.tracking.settings import TrackingError
    except ImportError:
        return "", "The model was not registered: MLflow is not installed."
    try:
        made = register(workspace, name, packed.run, folder=packed.package.folder / "model")
    except TrackingError as error:
        return "", f"The model was not registered: {error.message}"
    number = made.get("version", "")
    return f"{name} version {number}", f"The model was registered as “{name}”, version {number}."

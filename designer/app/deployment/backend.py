"""Access to endpoints, on this computer and elsewhere, and to the registry.

Methods are called on threads, by :meth:`designer.app.background.background.Background.run`,
unless they are marked as quick. What would import large libraries is a job or a call of the
engine; its result comes later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from designer.app.background.engine_caller import EngineCaller
from designer.app.background.errors import UserError
from designer.app.background.job import Job
from designer.app.deployment.deploying import target_checks
from designer.app.deployment.inference.conversion import Prepared
from designer.app.deployment.types import DeploySettings, EndpointInfo, Interface, Response
from designer.records import DamagedRecordError, Record, read_record
from designer.texts import tr
from designer.workspace import Workspace

if TYPE_CHECKING:
    from designer.deployment import Endpoints, Status
    from designer.deployment.batch.batch import Batch
    from designer.deployment.steps import OnStep
    from designer.deployment.target import DeployResult

Result = TypeVar("Result")

_TITLES = {
    "python": tr("Python"),
    "curl": "curl",
    "csharp": "C#",
    "r": "R",
    "javascript": "JavaScript",
}


class Backend:
    """Deploys, and manages what is deployed.

    Parameters
    ----------
    engine : EngineCaller
        Calls functions that need MLflow.
    """

    def __init__(self, workspace: Workspace, engine: EngineCaller) -> None:
        self._workspace = workspace
        self._engine = engine

    def problem_with_name(self, name: str, target: str) -> str:
        """Return why a name isn't valid for an endpoint; empty if it is. Quick.

        Parameters
        ----------
        target : str
            Empty if only files are written.
        """
        records = self._endpoints().records
        there = records.target(name) if target and name in records.names() else target
        return target_checks.problem_with_name(name, there, target)

    def note_on_name(self, name: str) -> str:
        """Return how deploying under a name affects an existing endpoint; else empty. Quick."""
        records = self._endpoints().records
        if name not in records.names():
            return ""
        number = records.next_version(name)
        return tr(
            "“{name}” already exists: this becomes version {number}, at the same URL."
        ).format(name=name, number=number)

    def obstacle(self, target: str) -> str:
        """Return why nothing can be deployed to a target from here; empty if it can. Quick."""
        return target_checks.obstacle(target)

    def steps(self, request: DeploySettings) -> Mapping[str, str]:
        """Return the steps of a deployment in their order: titles by id. Quick."""
        from designer.deployment.steps import FILE_STEPS
        from designer.deployment.targets import find_target

        if request.folder is not None:
            return FILE_STEPS
        return find_target(request.target).steps

    def deploy(
        self, request: DeploySettings, prepared: Prepared, on_step: OnStep
    ) -> Job[DeployResult] | Job[tuple[str, ...]]:
        """Deploy, or write the files of a deployment; when canceled, it is rolled back. Quick.

        Returns
        -------
        Job
            Of a ``DeployResult``, or of the notes for the user about files.
        """
        from designer.app.deployment import jobs

        arguments = {
            "workspace": self._workspace.folder,
            "request": request,
            "prepared": prepared,
        }
        if request.folder is None:
            return Job(jobs.deploy, arguments, {"on_step": on_step})
        return Job(jobs.write_files, arguments, {"on_step": on_step})

    def score_file(
        self,
        name: str,
        sources: Mapping[str, Path],
        target: Path,
        bad_rows: str,
        on_progress: Callable[[int, int], object],
    ) -> Job[Batch]:
        """Score the rows of a file with an endpoint's version, which doesn't need to run. Quick.

        Parameters
        ----------
        sources : mapping of str to Path
            The file of each input.
        target : Path
            The file of scores.
        bad_rows : str
            What to do with rows that can't be scored: ``refuse``, ``leave-out`` or ``keep``.
        on_progress : callable
            Called, on a thread, with the rows done and their number.
        """
        from designer.app.deployment import jobs

        return Job(
            jobs.score_file,
            {
                "workspace": self._workspace.folder,
                "name": name,
                "sources": sources,
                "target": target,
                "bad_rows": bad_rows,
            },
            {"on_progress": on_progress},
        )

    def endpoints(self) -> list[EndpointInfo]:
        """Return all endpoints by name; Azure isn't asked."""
        return [self._info(status) for status in self._endpoints().statuses()]

    def refresh(self, name: str) -> Status | Job[Status]:
        """Read the state of an endpoint; in the cloud that takes some time."""
        from designer.app.deployment import jobs

        return self._where_it_is(jobs.status, name)

    def key(self, name: str) -> str | Job[str]:
        """Return the primary key of an endpoint."""
        from designer.app.deployment import jobs

        return self._where_it_is(jobs.key, name)

    def start(self, name: str) -> None:
        """Start an endpoint that was stopped."""
        self._endpoints().start(name)

    def stop(self, name: str) -> None:
        """Stop an endpoint; it stays in the list."""
        self._endpoints().stop(name)

    def restart(self, name: str) -> None:
        """Stop and start an endpoint."""
        self._endpoints().restart(name)

    def delete(self, name: str) -> Job[None] | None:
        """Stop an endpoint and delete it with all its versions."""
        from designer.app.deployment import jobs

        return self._where_it_is(jobs.delete, name)

    def remove(self, name: str) -> None:
        """Remove an endpoint in the cloud from the list; there it stays."""
        self._endpoints().delete(name, only_here=True)

    def roll_back(self, name: str, version: int) -> Status | Job[Status]:
        """Switch to another version."""
        from designer.app.deployment import jobs

        return self._where_it_is(jobs.roll_back, name, version=version)

    def log(self, name: str) -> str | Job[str]:
        """Return the end of the log."""
        from designer.app.deployment import jobs

        return self._where_it_is(jobs.log, name)

    def metrics(self, name: str) -> Mapping[str, Any]:
        """Return the metrics of a running endpoint on this computer."""
        return self._endpoints().metrics(name)

    def interface(self, name: str) -> Interface:
        """Return what an endpoint accepts, from its package."""
        model = self._endpoints().package(name) / "model"
        try:
            plan, samples = (
                found.plain() if (found := read_record(model / name, Record)) else {}
                for name in ("scoring.json", "samples.json")
            )
            return Interface(
                {each: plain.get("columns") or [] for each, plain in plan["inputs"].items()},
                {each: samples.get(each) or [] for each in plan["inputs"]},
                {each: p.get("default") for each, p in plan.get("parameters", {}).items()},
            )
        except (DamagedRecordError, KeyError, AttributeError) as error:
            raise UserError(
                tr("The scoring package can't be read."), tr("Deploy it again.")
            ) from error

    def send(self, name: str, body: str) -> Response | Job[Response]:
        """Send a request."""
        from designer.app.deployment import jobs

        return self._where_it_is(jobs.send, name, body=body)

    def languages(self) -> Mapping[str, str]:
        """Return the languages that there is code in: titles by id. Quick."""
        from designer.deployment.texts.consume import LANGUAGES

        return {language: _TITLES.get(language, language) for language in LANGUAGES}

    def code(self, language: str, info: EndpointInfo, sample: str, key: str | None) -> str:
        """Return code that sends a request; without a key it reads one from the environment."""
        from designer.deployment.texts.consume import consume_code

        return consume_code(language, info.url, sample, key=key)

    def models(self) -> Future[Any]:
        """Return the registered models; see :func:`designer.tracking.registry.models`."""
        from designer.tracking import registry

        return self._engine.call(registry.models, self._workspace.folder)

    def model(self, name: str) -> Future[Any]:
        """Return a model with its versions; see :func:`designer.tracking.registry.model`."""
        from designer.tracking import registry

        return self._engine.call(registry.model, self._workspace.folder, name)

    def compare_versions(self, name: str) -> Future[Any]:
        """Return data and metrics of the versions of a model; see :mod:`designer.lineage`."""
        from designer.lineage.model_comparison import compare_models

        return self._engine.call(compare_models, self._workspace.folder, name)

    def model_card(self, name: str, version: str) -> Future[Any]:
        """Return a model card; see :func:`designer.tracking.model_card.model_card`."""
        from designer.tracking import model_card

        return self._engine.call(model_card.model_card, self._workspace.folder, name, version)

    def delete_model(self, name: str, version: str | None) -> Future[Any]:
        """Delete a version of a model, or all of it."""
        from designer.tracking import registry

        return self._engine.call(registry.delete, self._workspace.folder, name, version)

    def _endpoints(self) -> Endpoints:
        from designer.deployment import Endpoints

        return Endpoints(self._workspace)

    def _where_it_is(
        self, function: Callable[..., Result], name: str, **more: object
    ) -> Result | Job[Result]:
        """Call a function for an endpoint; for one in the cloud in a process with Azure's SDK."""
        from designer.deployment.targets import find_target

        arguments = {"workspace": self._workspace.folder, "name": name, **more}
        if find_target(self._endpoints().records.target(name)).remote:
            return Job(function, arguments)
        return function(**arguments)

    def _info(self, status: Status) -> EndpointInfo:
        from designer.deployment import ServingError

        info = EndpointInfo(**vars(status))
        if not info.running or info.in_cloud:
            return info
        try:
            metrics = self._endpoints().metrics(status.name)
            return replace(
                info,
                requests=int(metrics["requests"]),
                errors=int(metrics["errors"]),
                latency=metrics["latency_ms"]["p50"],
            )
        except (ServingError, KeyError, TypeError):
            # It has ended meanwhile; the next refresh will show it.
            return info

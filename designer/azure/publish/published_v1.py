"""Endpoints and schedules of Azure ML's SDK v1."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from designer.azure.compile.steps import Description
from designer.azure.publish.next_run import Recurrence, seconds_of
from designer.azure.publish.published import (
    AzureSchedule,
    PublishedEndpoint,
    at_times,
    by_name,
    plain_values,
)
from designer.azure.publish.schedule import Schedule, check_schedule, recurrence_of
from designer.azure.runs.remote import status_of

TARGET = "azureml-v1"

MOST = 1000
"""The number of endpoints that are requested; the SDK's default is 100."""


class _Connection(Protocol):
    """The connection to a workspace with SDK v1, as far as it is used here."""

    workspace: Any

    def pipeline(self, description: Description, folder: Path, compute: str | None) -> Any: ...

    def translated_errors(self) -> AbstractContextManager[None]: ...


class PublishedV1:
    """What SDK v1 has published; implements ``designer.azure.publish.published.Published``."""

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._workspace = connection.workspace

    def publish(
        self,
        description: Description,
        folder: Path,
        *,
        compute: str | None,
        name: str,
        text: str,
    ) -> dict[str, Any]:
        """Publish the pipeline; an endpoint of that name gets it as its default version."""
        from azureml.pipeline.core import PipelineEndpoint

        with self._connection.translated_errors():
            published = self._connection.pipeline(description, folder, compute).publish(
                name=name, description=text, continue_on_step_failure=True
            )
            known = {each.name for each in PipelineEndpoint.list(self._workspace, max_results=MOST)}
            if name in known:
                endpoint = PipelineEndpoint.get(self._workspace, name=name)
                endpoint.add_default(published)
            else:
                endpoint = PipelineEndpoint.publish(
                    self._workspace, name=name, description=text, pipeline=published
                )
            return {
                "name": endpoint.name,
                "url": endpoint.endpoint,
                "version": endpoint.default_version,
                "pipeline": published.id,
            }

    def schedule(
        self,
        description: Description,
        folder: Path,
        *,
        compute: str | None,
        experiment: str,
        name: str,
        when: Schedule,
    ) -> dict[str, Any]:
        """Publish the pipeline and schedule it."""
        from azureml.pipeline.core import Schedule as ScheduleV1
        from azureml.pipeline.core import ScheduleRecurrence

        check_schedule(when, TARGET)

        with self._connection.translated_errors():
            published = self._connection.pipeline(description, folder, compute).publish(
                name=name, description=description.text or name, continue_on_step_failure=True
            )
            if when.path:
                trigger = {
                    "datastore": self._workspace.get_default_datastore(),
                    "path_on_datastore": when.path,
                    "polling_interval": when.polling,
                }
            elif when.cron:
                trigger = {"recurrence": ScheduleRecurrence(**recurrence_of(when.cron))}
            else:
                recurrence = ScheduleRecurrence(when.frequency.capitalize(), when.interval)
                trigger = {"recurrence": recurrence}
            made = ScheduleV1.create(
                self._workspace,
                name=name,
                pipeline_id=published.id,
                experiment_name=experiment,
                wait_for_provisioning=True,
                **trigger,
            )
            return {"name": made.name, "id": made.id, "status": made.status}

    def schedules(self) -> list[AzureSchedule]:
        """Return the schedules, by name; one that is disabled is paused if its pipeline isn't.

        SDK v1 deletes none: those that have ended stay disabled forever.
        """
        from azureml.pipeline.core import PublishedPipeline
        from azureml.pipeline.core import Schedule as ScheduleV1

        with self._connection.translated_errors():
            every = ScheduleV1.list(self._workspace, active_only=False)
            found = [each for each in every if each.status == "Active"]
            if len(found) < len(every):
                own = {(each.id, each.name) for each in PublishedPipeline.list(self._workspace)}
                found += [
                    each
                    for each in every
                    if each.status == "Disabled" and (each.pipeline_id, each.name) in own
                ]
            return by_name([_schedule(each) for each in found])

    def set_paused(self, schedule: AzureSchedule, paused: bool) -> None:
        """Disable a schedule for now, or enable it again."""
        from azureml.pipeline.core import Schedule as ScheduleV1

        with self._connection.translated_errors():
            found = ScheduleV1.get(self._workspace, id=schedule.id)
            (found.disable if paused else found.enable)(wait_for_provisioning=True)

    def run_now(self, schedule: AzureSchedule) -> str:
        """Submit the pipeline of a schedule, which doesn't show its experiment, under its name."""
        from azureml.pipeline.core import PipelineEndpoint, PublishedPipeline
        from azureml.pipeline.core import Schedule as ScheduleV1

        with self._connection.translated_errors():
            found = ScheduleV1.get(self._workspace, id=schedule.id)
            if found.pipeline_id is not None:
                pipeline = PublishedPipeline.get(self._workspace, id=found.pipeline_id)
                return str(pipeline.submit(self._workspace, schedule.name).id)
            endpoint = PipelineEndpoint.get(self._workspace, id=found.pipeline_endpoint_id)
            return str(endpoint.submit(schedule.name).id)

    def end_schedule(self, schedule: AzureSchedule) -> None:
        """Disable a schedule, which SDK v1 can't delete, and the pipeline published for it."""
        from azureml.pipeline.core import PublishedPipeline
        from azureml.pipeline.core import Schedule as ScheduleV1

        with self._connection.translated_errors():
            found = ScheduleV1.get(self._workspace, id=schedule.id)
            found.disable(wait_for_provisioning=True)
            if found.pipeline_id is None:
                return
            pipeline = PublishedPipeline.get(self._workspace, id=found.pipeline_id)
            # One of another name was published for something else too.
            if pipeline.name == found.name and pipeline.id not in self._versions():
                pipeline.disable()

    def endpoints(self) -> list[PublishedEndpoint]:
        """Return endpoints, and the published pipelines that belong to none."""
        from azureml.pipeline.core import PipelineEndpoint, PublishedPipeline

        with self._connection.translated_errors():
            endpoints = PipelineEndpoint.list(self._workspace, max_results=MOST)
            belonging = _pipelines_of(endpoints)
            found = [
                PublishedEndpoint(
                    str(each.id), str(each.name), TARGET, "endpoint", str(each.status).lower(),
                    str(each.endpoint or ""), str(each.default_version or ""),
                )
                for each in endpoints
            ]  # fmt: skip
            found += [
                PublishedEndpoint(
                    str(each.id), str(each.name), TARGET, "pipeline", str(each.status).lower(),
                    str(each.endpoint or ""), str(each.version or ""),
                )
                for each in PublishedPipeline.list(self._workspace)
                if each.id not in belonging
            ]  # fmt: skip
            return by_name(found)

    def end_endpoint(self, endpoint: PublishedEndpoint) -> None:
        """Disable an endpoint with its pipelines, or a published pipeline: none can be deleted."""
        from azureml.pipeline.core import PipelineEndpoint, PublishedPipeline

        with self._connection.translated_errors():
            if endpoint.kind == "pipeline":
                PublishedPipeline.get(self._workspace, id=endpoint.id).disable()
                return
            found = PipelineEndpoint.get(self._workspace, id=endpoint.id)
            found.disable()
            for version in found.list_versions():
                if version.pipeline.status == "Active":
                    version.pipeline.disable()

    def _versions(self) -> set[str]:
        from azureml.pipeline.core import PipelineEndpoint

        return _pipelines_of(PipelineEndpoint.list(self._workspace, max_results=MOST))


def _pipelines_of(endpoints: Any) -> set[str]:
    return {version.pipeline_id for each in endpoints for version in each.pipeline_version_list}


def _last_run(found: Any) -> tuple[float | None, str]:
    """Return when the last run of a schedule began, and its status."""
    from azureml.exceptions import AzureMLException

    try:
        run = found.get_last_pipeline_run()
        details = {} if run is None else run.get_details()
    except AzureMLException:
        # A run that was deleted; the schedule is there all the same.
        return None, ""
    began = seconds_of(details.get("startTimeUtc"))
    return began, str(status_of(str(details["status"]))) if details.get("status") else ""


def _schedule(found: Any) -> AzureSchedule:
    recurrence = found.recurrence
    last, status = _last_run(found)
    following = None
    if recurrence is None:
        when = f"when “{found.path_on_datastore or '/'}” in “{found.datastore_name}” changes"
    else:
        zone = str(getattr(recurrence.time_zone, "value", recurrence.time_zone) or "")
        hours = [int(each) for each in recurrence.hours or ()]
        minutes = [int(each) for each in recurrence.minutes or ()]
        days = plain_values(recurrence.week_days)
        frequency, interval = str(recurrence.frequency), int(recurrence.interval)
        when = at_times(frequency, interval, hours, minutes, days, zone)
        rule = Recurrence(
            frequency.lower(), interval, hours, minutes, [each.lower() for each in days], zone=zone
        )
        # Without a start, intervals count from the first run.
        following = rule.next(seconds_of(recurrence.start_time) or last, time.time())
    status_there = "paused" if found.status == "Disabled" else str(found.status).lower()
    return AzureSchedule(
        str(found.id),
        str(found.name),
        TARGET,
        status_there,
        when,
        next=following if status_there == "active" else None,
        last=last,
        last_status=status,
    )

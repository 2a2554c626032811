"""Endpoints and schedules of Azure ML's SDK v2."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from designer.azure.compile.steps import Description
from designer.azure.publish.next_run import Recurrence, next_of_cron, seconds_of
from designer.azure.publish.published import (
    AzureSchedule,
    PublishedEndpoint,
    at_times,
    by_name,
    plain_values,
)
from designer.azure.publish.schedule import Schedule, check_schedule
from designer.azure.runs.remote import status_of
from designer.pipeline.model import Json

TARGET = "azureml-v2"


class _Connection(Protocol):
    """The connection to a workspace with SDK v2, as far as it is used here."""

    client: Any

    def check_data(self, description: Description) -> None: ...

    def job(
        self,
        description: Description,
        folder: Path,
        compute: str | None,
        parameters: Mapping[str, Json],
    ) -> Any: ...

    def translated_errors(self) -> AbstractContextManager[None]: ...


class PublishedV2:
    """What SDK v2 has published; implements ``designer.azure.publish.published.Published``."""

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._client = connection.client

    def publish(
        self,
        description: Description,
        folder: Path,
        *,
        compute: str | None,
        name: str,
        text: str,
    ) -> dict[str, Any]:
        """Make the pipeline the default deployment of a batch endpoint, which is made if new."""
        from azure.ai.ml.entities import BatchEndpoint, PipelineComponentBatchDeployment
        from azure.core.exceptions import ResourceNotFoundError

        from designer.azure.sdk_v2.registering import register

        client = self._client
        with self._connection.translated_errors():
            self._connection.check_data(description)
            try:
                client.batch_endpoints.get(name)
                version = 1 + sum(1 for _ in client.batch_deployments.list(name))
            except ResourceNotFoundError:
                endpoint = BatchEndpoint(name=name, description=text)
                client.batch_endpoints.begin_create_or_update(endpoint).result()
                version = 1
            register(client, folder)
            component = _component(description, folder, name, str(version))
            settings: dict[str, Any] = {
                "default_compute": compute or description.compute,
                "continue_on_step_failure": True,
            }
            deployment = PipelineComponentBatchDeployment(
                name=f"v{version}",
                endpoint_name=name,
                component=client.components.create_or_update(component),
                settings=settings,
            )
            client.batch_deployments.begin_create_or_update(deployment).result()
            endpoint = client.batch_endpoints.get(name)
            endpoint.defaults.deployment_name = deployment.name
            endpoint = client.batch_endpoints.begin_create_or_update(endpoint).result()
            return {
                "name": endpoint.name,
                "url": endpoint.scoring_uri,
                "version": str(version),
                "pipeline": deployment.name,
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
        """Start the pipeline automatically, at an interval or at fixed times."""
        from azure.ai.ml.entities import CronTrigger, JobSchedule, RecurrenceTrigger

        check_schedule(when, TARGET)
        with self._connection.translated_errors():
            job = self._connection.job(description, folder, compute, {})
            job.experiment_name = experiment
            trigger: Any = (
                CronTrigger(expression=when.cron)
                if when.cron
                else RecurrenceTrigger(frequency=when.frequency, interval=when.interval)
            )
            made = self._client.schedules.begin_create_or_update(
                JobSchedule(name=name, trigger=trigger, create_job=job)
            ).result()
            return {"name": made.name, "id": made.id, "status": _status(made)}

    def schedules(self) -> list[AzureSchedule]:
        """Return the schedules of jobs, by name; one that is disabled is paused."""
        from azure.ai.ml.entities import JobSchedule

        with self._connection.translated_errors():
            # The SDK has the enumeration in a private module only.
            every = self._client.schedules.list(list_view_type="All")
            found = [each for each in every if isinstance(each, JobSchedule)]
            return by_name([self._schedule(each) for each in found])

    def _schedule(self, found: Any) -> AzureSchedule:
        # The service lists the newest first.
        runs = islice(self._client.jobs.list(scheduled_job_name=found.name), 1)
        last = next((each for each in runs if each is not None), None)
        created = getattr(getattr(last, "creation_context", None), "created_at", None)
        return AzureSchedule(
            str(found.name),
            str(found.display_name or found.name),
            TARGET,
            _status(found).lower(),
            _when(found.trigger),
            _text(found.create_job, "experiment_name"),
            _next(found, time.time()) if found.is_enabled else None,
            seconds_of(created),
            str(status_of(last.status or "")) if last is not None else "",
        )

    def set_paused(self, schedule: AzureSchedule, paused: bool) -> None:
        """Disable a schedule for now, or enable it again."""
        schedules = self._client.schedules
        change = schedules.begin_disable if paused else schedules.begin_enable
        with self._connection.translated_errors():
            change(schedule.id).result()

    def run_now(self, schedule: AzureSchedule) -> str:
        """Trigger a schedule once."""
        with self._connection.translated_errors():
            return str(self._client.schedules.trigger(schedule.id).job_name)

    def end_schedule(self, schedule: AzureSchedule) -> None:
        """Delete a schedule; Azure deletes only one that is disabled."""
        with self._connection.translated_errors():
            self._client.schedules.begin_disable(schedule.id).result()
            self._client.schedules.begin_delete(schedule.id).result()

    def endpoints(self) -> list[PublishedEndpoint]:
        """Return the batch endpoints, by name."""
        with self._connection.translated_errors():
            return by_name(
                [
                    PublishedEndpoint(
                        each.name,
                        each.name,
                        TARGET,
                        "endpoint",
                        _state(each),
                        _text(each, "scoring_uri"),
                        _text(each.defaults, "deployment_name"),
                    )
                    for each in self._client.batch_endpoints.list()
                ]
            )

    def end_endpoint(self, endpoint: PublishedEndpoint) -> None:
        """Delete a batch endpoint with its deployments."""
        with self._connection.translated_errors():
            self._client.batch_endpoints.begin_delete(endpoint.id).result()


def _status(schedule: Any) -> str:
    # An enumeration whose text isn't its value.
    found = schedule.provisioning_state
    state = str(getattr(found, "value", found) or "Succeeded")
    return "Active" if schedule.is_enabled else "Paused" if state == "Succeeded" else state


def _state(endpoint: Any) -> str:
    # An enumeration whose text isn't its value.
    found = getattr(endpoint.provisioning_state, "value", endpoint.provisioning_state)
    return "active" if str(found).lower() == "succeeded" else str(found or "unknown").lower()


def _when(trigger: Any) -> str:
    if hasattr(trigger, "expression"):
        return f"{trigger.expression} ({trigger.time_zone})"
    pattern = trigger.schedule
    return at_times(
        str(getattr(trigger.frequency, "value", trigger.frequency)),
        int(trigger.interval),
        _numbers(_list(pattern, "hours")),
        _numbers(_list(pattern, "minutes")),
        plain_values(_list(pattern, "week_days")),
        str(getattr(trigger.time_zone, "value", trigger.time_zone) or ""),
    )


def _next(schedule: Any, now: float) -> float | None:
    """Return when a schedule starts its next run."""
    trigger = schedule.trigger
    ends = seconds_of(trigger.end_time)
    zone = str(getattr(trigger.time_zone, "value", trigger.time_zone) or "")
    if hasattr(trigger, "expression"):
        found = next_of_cron(str(trigger.expression), zone, now)
    else:
        pattern = trigger.schedule
        rule = Recurrence(
            str(getattr(trigger.frequency, "value", trigger.frequency)).lower(),
            int(trigger.interval),
            _numbers(_list(pattern, "hours")),
            _numbers(_list(pattern, "minutes")),
            [each.lower() for each in plain_values(_list(pattern, "week_days"))],
            _numbers(_list(pattern, "month_days")),
            zone,
        )
        created = getattr(schedule.creation_context, "created_at", None)
        found = rule.next(seconds_of(trigger.start_time) or seconds_of(created), now)
    return None if found is None or (ends is not None and found > ends) else found


def _list(value: Any, name: str) -> list[Any]:
    # The SDK accepts a single value too.
    found = getattr(value, name, None)
    return list(found) if isinstance(found, (list, tuple)) else [found] if found else []


def _text(value: Any, name: str) -> str:
    return str(getattr(value, name, None) or "")


def _numbers(values: list[Any]) -> list[int]:
    return [int(each) for each in values]


def _component(description: Description, folder: Path, name: str, version: str) -> Any:
    """Return the compiled pipeline as a component, which is what an endpoint deploys."""
    import yaml
    from azure.ai.ml import load_component

    from designer.azure.sdk_v2.files import component_type
    from designer.azure.sdk_v2.registering import REGISTERED

    document = yaml.safe_load((folder / REGISTERED).read_text("utf-8"))
    component = {
        "type": "pipeline",
        "name": name.replace("-", "_"),
        "version": version,
        "display_name": description.name,
        "description": description.text or description.name,
        "inputs": {
            each.name: {"type": component_type(each.type), "default": each.default}
            for each in description.parameters
        },
        "outputs": document.get("outputs", {}),
        "jobs": document["jobs"],
    }
    file = folder / "component.yml"
    file.write_text(yaml.safe_dump(component, sort_keys=False, allow_unicode=True), "utf-8")
    return load_component(file)

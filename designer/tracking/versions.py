"""Models and versions of MLflow's registry as plain data."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from designer.tracking.artifacts import local_folder
from designer.tracking.settings import TrackingError

if TYPE_CHECKING:
    from mlflow import MlflowClient

NAME = re.compile(r"\w[\w .()-]{0,199}")
"""The pattern of model names."""


def all_pages(search: Any, **arguments: Any) -> list[Any]:
    """Return the results of a search, page after page."""
    found: list[Any] = []
    token = None
    while True:
        page = search(**arguments, max_results=1000, page_token=token)
        found.extend(page)
        token = page.token
        if not token:
            return found


def registered(client: MlflowClient, name: str) -> Any:
    """Return a registered model.

    Raises
    ------
    TrackingError
        If there is none of this name.
    """
    from mlflow.exceptions import MlflowException

    from designer.pipeline.problem import near

    try:
        return client.get_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST" and NAME.fullmatch(name):
            raise
    names = [each.name for each in all_pages(client.search_registered_models)]
    raise TrackingError(
        f"There is no registered model “{name}”.", near(name, names, "models"), wrong_input=True
    )


def version_numbers(client: MlflowClient, name: str) -> list[str]:
    """Return the numbers of the versions, newest first."""
    quoted = name.replace("'", "\\'")
    found = all_pages(client.search_model_versions, filter_string=f"name='{quoted}'")
    return [str(n) for n in sorted((int(each.version) for each in found), reverse=True)]


def version_number(client: MlflowClient, name: str, text: str) -> str:
    """Return the number of a version that is named by number, alias or ``latest``."""
    found = registered(client, name)
    numbers = version_numbers(client, name)
    text = str(text).strip()
    if text == "latest" and numbers:
        return numbers[0]
    chosen = found.aliases.get(text, text)
    if str(chosen) not in numbers:
        listed = ", ".join([*numbers[:8], *found.aliases])
        raise TrackingError(
            f"“{name}” has no version {text}.", f"It has {listed}.", wrong_input=True
        )
    return str(chosen)


def model_json(client: MlflowClient, model: Any, numbers: list[str]) -> dict[str, Any]:
    """Return a registered model as plain data, given the numbers of its versions."""
    latest = version_json(client, model.name, numbers[0]) if numbers else None
    return {
        "name": model.name,
        "description": model.description or "",
        "created": model.creation_timestamp / 1000,
        "changed": model.last_updated_timestamp / 1000,
        "versions": len(numbers),
        "aliases": {alias: str(number) for alias, number in model.aliases.items()},
        "latest": latest,
    }


def version_json(client: MlflowClient, name: str, number: str) -> dict[str, Any]:
    """Return one version as plain data; see :func:`designer.tracking.registry.version`."""
    from designer.tracking.mlflow_run import PREFIX

    found = client.get_model_version(name, number)
    tags = {key.removeprefix(PREFIX): value for key, value in found.tags.items()}
    plain: dict[str, Any] = {
        "name": name,
        "version": str(found.version),
        "aliases": sorted(found.aliases),
        "description": found.description or "",
        "created": found.creation_timestamp / 1000,
        "mlflow_run": found.run_id or "",
        "uri": f"models:/{name}/{found.version}",
        "source": str(found.source),
    }
    for key in ("run", "node", "pipeline", "pipeline_hash", "kind", "task", "label", "learner"):
        plain[key] = tags.get(key, "")
    for key in ("metrics", "data", "versions"):
        plain[key] = _plain(tags.get(key, "{}"))
    folder = local_folder(str(found.source))
    plain["folder"] = str(folder) if folder is not None else None
    return plain


def _plain(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return {}

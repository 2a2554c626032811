"""Versions of a model over the versions of the data that they were trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from designer.tracking import registry
from designer.tracking.comparison import data_of
from designer.tracking.run_records import find_run
from designer.tracking.settings import TrackingError
from designer.workspace import Workspace


def compare_models(
    workspace: Workspace | Path | str, name: str, numbers: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Return what versions of a model were trained on, and their metrics, oldest first.

    Parameters
    ----------
    numbers : sequence of str
        Versions or aliases; default: all.

    Returns
    -------
    list of dict
        ``version``, ``run``, ``data`` (``NAME@VERSION`` or path, by step), ``hashes``, and
        ``metrics``.

    Raises
    ------
    TrackingError
        If there is no such model or version, or the registry can't be used.
    """
    if not isinstance(workspace, Workspace):
        workspace = Workspace(Path(workspace))
    if numbers:
        found = [registry.version(workspace, name, number) for number in numbers]
    else:
        found = registry.model(workspace, name)["versions"]
    unique = {each["version"]: each for each in found}
    return [
        {
            "version": number,
            "run": each["run"],
            "data": _data(workspace, each),
            "hashes": each["data"],
            "metrics": each["metrics"],
        }
        for number, each in sorted(unique.items(), key=lambda pair: int(pair[0]))
    ]


def _data(workspace: Workspace, version: Mapping[str, Any]) -> dict[str, str]:
    """Return the names of what a version was trained on; hashes where the run is gone."""
    hashes: dict[str, str] = version["data"]
    try:
        record = find_run(workspace, version["run"])
    except TrackingError:
        return {key: content[:12] for key, content in hashes.items()}
    read = data_of(record, {}, workspace)
    return {
        key: str(about.get("dataset") or Path(about["path"]).name) for key, about in read.items()
    }

"""What can be wrong with a deployment before it begins, in sentences for the dialog."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from designer.app.deployment.types import LOCAL

KEY = "key"

_SDKS = {"aci": "v1", "aks": "v1", "managed": "v2"}
_KEYS = frozenset({LOCAL, "docker", "aci", "aks"})
"""Where the key is ours to choose; of a managed endpoint, Azure makes it."""


def uses(target: str) -> frozenset[str]:
    """Return the names of the options that a target uses, and ``key`` if it takes one."""
    from designer.deployment.options import TARGET_OPTIONS

    return TARGET_OPTIONS[target] | ({KEY} if target in _KEYS else frozenset())


def obstacle(target: str) -> str:
    """Return why nothing can be deployed to a target from here; empty if it can."""
    if target == "docker" and shutil.which("docker") is None:
        return "Docker is not installed on this computer."
    if target in _SDKS:
        from designer.azure.compile.problems import CompileError, check_sdk

        try:
            check_sdk(_SDKS[target])
        except CompileError as error:
            first = error.problems[0]
            return f"{first.message} {first.hint}".strip()
    return ""


def problem_with_name(name: str, there: str, target: str) -> str:
    """Return why a name can't be an endpoint's; empty if it can.

    Parameters
    ----------
    there : str
        The target of the endpoint that has the name already.
    """
    from designer.deployment import ServingError
    from designer.deployment.naming import check_name
    from designer.deployment.options import TITLES

    if not name:
        return "Give it a name."
    try:
        check_name(name)
    except ServingError as error:
        return f"{error.message} {error.hint}".strip()
    if there != target:
        return f"“{name}” is deployed to {TITLES[there]} already. Take another name, or delete it."
    return ""


def problem_with_options(target: str, options: Mapping[str, Any], key: str) -> str:
    """Return what is wrong with options or the key; empty if nothing is.

    Parameters
    ----------
    options : mapping of str to object
        Fields of ``TargetOptions`` that the target uses.
    key : str
        Empty for one that nobody can guess.
    """
    from designer.deployment import ServingError
    from designer.deployment.naming import check_key
    from designer.deployment.options import TargetOptions, check_target

    used = uses(target)
    if "config" in used:
        wrong = _problem_with_config(options.get("config"))
        if wrong:
            return wrong
    if "cluster" in used and not options.get("cluster"):
        return "Name the cluster of Azure Kubernetes Service that is attached to the workspace."
    try:
        check_target(target, TargetOptions(**options))
        if key:
            check_key(key)
    except ServingError as error:
        return f"{error.message} {error.hint}".strip()
    return ""


def _problem_with_config(config: Path | None) -> str:
    from designer.azure.workspace import AzureError, read_config

    if config is None:
        return "Choose the config.json of the Azure ML workspace."
    try:
        read_config(config)
    except AzureError as error:
        return f"{error.message} {error.hint}".strip()
    return ""

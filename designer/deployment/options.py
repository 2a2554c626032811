"""Where an endpoint can be deployed, and what each place can be told."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from designer.azure.errors import SIGN_INS
from designer.deployment.problem import ServingError
from designer.pipeline.problem import near

TARGETS = ("local", "docker", "aci", "aks", "managed")
"""This computer, a container of Docker's, Azure Container Instances, Azure Kubernetes
Service, and a managed online endpoint of Azure ML's."""

AZURE = frozenset({"aci", "aks", "managed"})
"""The targets in an Azure ML workspace."""

TITLES: Mapping[str, str] = {
    "local": "this computer",
    "docker": "Docker",
    "aci": "Azure Container Instances",
    "aks": "Azure Kubernetes Service",
    "managed": "an Azure managed online endpoint",
}
"""What the targets are called within a sentence."""

TARGET_OPTIONS: Mapping[str, frozenset[str]] = {
    "local": frozenset({"port"}),
    "docker": frozenset({"port", "cores", "memory"}),
    "aci": frozenset({"cores", "memory", "config", "sign_in"}),
    "aks": frozenset({"cores", "memory", "instances", "cluster", "config", "sign_in"}),
    "managed": frozenset({"instances", "instance_type", "config", "sign_in"}),
}
"""The fields of :class:`TargetOptions` that each target uses."""


@dataclass(frozen=True)
class TargetOptions:
    """What a target is told besides the package; each uses its :data:`TARGET_OPTIONS`.

    Parameters
    ----------
    cores : float
        Processor cores of each instance.
    memory : float
        Memory of each instance, in GB.
    instances : int
        How many instances answer requests.
    instance_type : str
        Azure's name of the machine that a managed endpoint runs on.
    cluster : str, optional
        The AKS cluster, as it is called in the workspace that it is attached to.
    config : Path, optional
        The workspace's config.json, or the folder that holds it.
    port : int, optional
        The port on this computer; by default the next that is free.
    sign_in : str
        How to sign in to Azure: one of :data:`designer.azure.errors.SIGN_INS`.

    Raises
    ------
    ServingError
        If a value is none that any target could use.
    """

    cores: float = 1.0
    memory: float = 2.0
    instances: int = 1
    instance_type: str = "Standard_DS3_v2"
    cluster: str | None = None
    config: Path | None = None
    port: int | None = None
    sign_in: str = "browser"

    def __post_init__(self) -> None:
        if not math.isfinite(self.cores) or not 0.1 <= self.cores <= 128:
            raise ServingError(f"Cores are a number from 0.1 to 128, not {self.cores:g}.")
        if not math.isfinite(self.memory) or not 0.1 <= self.memory <= 4096:
            raise ServingError(f"Memory is a number of GB from 0.1 to 4096, not {self.memory:g}.")
        if not 1 <= self.instances <= 500:
            raise ServingError(f"There are from 1 to 500 instances, not {self.instances}.")
        if not re.fullmatch(r"Standard_\w+", self.instance_type):
            raise ServingError(
                f"“{self.instance_type}” is no machine of Azure's.",
                "Take “Standard_DS3_v2”, for example.",
            )
        if self.cluster is not None and not re.fullmatch(r"[A-Za-z][\w-]{0,62}", self.cluster):
            raise ServingError(
                f"“{self.cluster}” can't be the name of a cluster.",
                "It is the name in the workspace, under Compute, Kubernetes clusters.",
            )
        if self.port is not None and not 1 <= self.port <= 65535:
            raise ServingError(f"A port is a number from 1 to 65535, not {self.port}.")
        if self.sign_in not in SIGN_INS:
            raise ServingError(
                f"“{self.sign_in}” is no way to sign in.", f"There are: {', '.join(SIGN_INS)}."
            )


def check_target(target: str, options: TargetOptions) -> None:
    """Refuse a target that does not exist, and options that it has no use for.

    Raises
    ------
    ServingError
        Naming the first option that would be ignored.
    """
    if target not in TARGETS:
        hint = near(target, TARGETS, "targets") or f"Targets are {', '.join(TARGETS)}."
        raise ServingError(f"There is no target “{target}”.", hint)
    for field in fields(options):
        changed = getattr(options, field.name) != field.default
        if changed and field.name not in TARGET_OPTIONS[target]:
            words = field.name.replace("_", " ")
            fitting = [each for each in TARGETS if field.name in TARGET_OPTIONS[each]]
            raise ServingError(
                f"The target “{target}” has no use for: {words}.",
                f"It is for {' and '.join(fitting)}. Leave it out.",
            )

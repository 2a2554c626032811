"""Where a pipeline runs: on this computer, or on Azure ML with one of its SDKs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from designer.azure.clouds import CLOUDS
from designer.azure.sign_in import SIGN_INS
from designer.texts import tr

LOCAL = "local"
TITLES = {
    LOCAL: tr("This computer"),
    "azureml-v1": tr("Azure ML (SDK v1)"),
    "azureml-v2": tr("Azure ML (SDK v2)"),
}


FETCH = {
    "all": tr("All outputs"),
    "reports": tr("Evaluations and models"),
    "none": tr("Nothing"),
}
"""What is downloaded of a run on Azure ML, with the labels."""


_usable: set[str] = set()
"""Targets without an obstacle: what is installed stays so, and looking takes a while."""


@dataclass(frozen=True)
class ComputeTarget:
    """Where a pipeline runs.

    Parameters
    ----------
    target : str
        A key of :data:`TITLES`.
    config : str
        The path of the workspace's config.json.
    sign_in : str
        A key of :data:`SIGN_INS`.
    experiment : str
        Empty for the pipeline's name.
    compute : str
        The compute target in Azure ML; empty for the one that the pipeline names.
    cloud : str
        A key of :data:`CLOUDS`; empty for the one in config.json.
    fetch : str
        A key of :data:`FETCH`.
    datasets : str
        Registered datasets to read in Azure ML: lines of ``NAME=azureml:NAME:VERSION``.
    """

    target: str = LOCAL
    config: str = ""
    sign_in: str = "browser"
    experiment: str = ""
    compute: str = ""
    cloud: str = ""
    fetch: str = "all"
    datasets: str = ""

    @property
    def title(self) -> str:
        """The label of it."""
        return TITLES[self.target]

    @property
    def is_local(self) -> bool:
        """Whether it is this computer."""
        return self.target == LOCAL

    def to_json(self) -> dict[str, str]:
        """Return plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, plain: Any) -> ComputeTarget:
        """Rebuild a compute target; for invalid data it is this computer."""
        if not isinstance(plain, Mapping) or plain.get("target") not in TITLES:
            return cls()
        values = {
            name: value
            for name, value in plain.items()
            if name in cls.__dataclass_fields__ and isinstance(value, str)
        }
        if values.get("sign_in", "browser") not in SIGN_INS:
            values["sign_in"] = "browser"
        if values.get("cloud", "") not in ("", *CLOUDS):
            values["cloud"] = ""
        if values.get("fetch", "all") not in FETCH:
            values["fetch"] = "all"
        return cls(**values)


def obstacle(target: str) -> str:
    """Return why a target can't be used here, with what to do; empty if it can."""
    if target == LOCAL or target in _usable:
        return ""
    from designer.app.background.errors import error_text
    from designer.azure.compile.problems import CompileError, check_sdk

    try:
        check_sdk(target.removeprefix("azureml-"))
    except CompileError as error:
        return error_text(error)
    _usable.add(target)
    return ""

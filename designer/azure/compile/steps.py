"""The steps of a pipeline on Azure ML, whichever SDK submits them.

A step is one or more calls of the step program, ``python -m modules.step``. Its
inputs and outputs are folders: values of other steps, and files that a parameter
names. No SDK is imported here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from designer.azure.compile.cards import Card
from designer.azure.compile.step_ports import (
    PARAMETERS_FILE,
    Input,
    Output,
    Reference,
    Upload,
    Word,
)
from designer.packaging.snapshot import OwnCode
from designer.pipeline.identifiers import free_id
from designer.pipeline.model import Json, PipelineParameter
from modules.contract import ModuleSpec

LONGEST_ID = 100
"""Characters of a step's id; Azure ML makes longer names of it."""


@dataclass(frozen=True)
class Call:
    """One call of the step program.

    Parameters
    ----------
    node : str
        The address of the node.
    module : str
        The name of the module for the step program.
    parameters : str
        The step's input with the parameters file for SDK v1; empty if all have their
        defaults. The file isn't part of the code folder, so that a changed parameter
        makes one step run again and not all.
    settings : mapping
        The parameters in that file: those that neither name a file nor have the value of a
        pipeline parameter.
    inputs, outputs : mapping of str to str
        The name of the step's input, or output, by port.
    files, written : mapping of str to (str, str)
        By parameter: the step's input, or output, and a path inside it, for a
        parameter that names a file to read, or to write.
    values : mapping of str to str
        By parameter, the pipeline parameter with its value.
    secrets : tuple of str
        Names of the secrets it reads.
    memory_limit : float or None
        Memory that it may use, in GB; None for no limit.
    """

    node: str
    module: str
    parameters: str = ""
    settings: Mapping[str, Json] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    written: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    memory_limit: float | None = None

    def arguments(self) -> list[Word]:
        """Return the arguments of the step program, in a fixed order."""
        arguments: list[Word] = [(self.module,)]
        if self.parameters:
            file = (Reference("input", self.parameters), f"/{PARAMETERS_FILE}")
            arguments += [("--parameters",), file]
        for port, name in self.inputs.items():
            arguments += [("--input",), (f"{port}=", Reference("input", name))]
        for port, name in self.outputs.items():
            arguments += [("--output",), (f"{port}=", Reference("output", name))]
        for kind, paths in (("input", self.files), ("output", self.written)):
            for parameter, (name, inside) in paths.items():
                folder = Reference("input" if kind == "input" else "output", name)
                rest = (f"/{inside}",) if inside else ()
                arguments += [("--set",), (f"{parameter}=", folder, *rest)]
        for parameter, name in self.values.items():
            arguments += [("--set",), (f"{parameter}=", Reference("value", name))]
        if self.memory_limit is not None:
            arguments += [("--memory-limit",), (f"{self.memory_limit:g}",)]
        return arguments


@dataclass(frozen=True)
class Step:
    """One job of the pipeline.

    Parameters
    ----------
    id : str
        Unique in the pipeline, ``[a-z][a-z0-9_]*``, from the node's address.
    spec : ModuleSpec
        The specification of its module.
    calls : tuple of Call
        The calls, one after the other; always one for now.
    requires : tuple of str
        Distributions that the modules need, beyond the contract's own.
    deterministic : bool
        Whether an earlier result for equal inputs can be reused.
    compute : str or None
        The compute target of this step; None for the pipeline's.
    automl : mapping or None
        The settings of Azure's automated ML job that it is instead of calls, with SDK v2.
    """

    id: str
    spec: ModuleSpec = field(repr=False)
    calls: tuple[Call, ...]
    inputs: tuple[Input, ...] = ()
    outputs: tuple[Output, ...] = ()
    requires: tuple[str, ...] = ()
    deterministic: bool = True
    compute: str | None = None
    comment: str = ""
    automl: Mapping[str, Any] | None = None

    @property
    def title(self) -> str:
        """As shown to a user."""
        return self.spec.title

    @property
    def nodes(self) -> tuple[str, ...]:
        """The addresses of the nodes that it runs."""
        return tuple(call.node for call in self.calls)

    @property
    def values(self) -> tuple[str, ...]:
        """The names of the pipeline parameters it uses, each once."""
        return tuple(dict.fromkeys(name for call in self.calls for name in call.values.values()))

    @property
    def secrets(self) -> tuple[str, ...]:
        """The names of the secrets it reads, each once."""
        return tuple(dict.fromkeys(name for call in self.calls for name in call.secrets))


@dataclass(frozen=True)
class Description:
    """A pipeline as steps.

    Parameters
    ----------
    name : str
        A readable name: lowercase letters, digits, and ``-``.
    steps : tuple of Step
        Each after those that feed it.
    parameters : tuple of PipelineParameter
        Those that steps use; ``default`` is the value of this compilation.
    own_code : tuple of OwnCode
        The user's own modules.
    compute : str or None
        The compute target that the pipeline's file names.
    cards : tuple of Card
        Cards of shared modules whose steps can be one component, each after the one it is in.
    """

    name: str
    steps: tuple[Step, ...]
    parameters: tuple[PipelineParameter, ...] = ()
    text: str = ""
    own_code: tuple[OwnCode, ...] = ()
    compute: str | None = None
    cards: tuple[Card, ...] = ()

    @cached_property
    def step_by_node(self) -> Mapping[str, Step]:
        """The steps by the address of each node that they run."""
        return {node: step for step in self.steps for node in step.nodes}

    @property
    def uploads(self) -> tuple[Upload, ...]:
        """What has to be uploaded, each folder once."""
        found = {
            item.upload.folder: item.upload
            for step in self.steps
            for item in step.inputs
            if item.upload
        }
        return tuple(found.values())

    @property
    def requires(self) -> tuple[str, ...]:
        """The distributions that any step needs, in order of the alphabet."""
        return tuple(sorted({name for step in self.steps for name in step.requires}))

    @property
    def secrets(self) -> tuple[str, ...]:
        """The names of the secrets that any step reads, in order of the alphabet."""
        return tuple(sorted({name for step in self.steps for name in step.secrets}))


def job_ids(addresses: Iterable[str]) -> dict[str, str]:
    """Return by address of a node or group a name that Azure ML accepts, each once."""
    ids: dict[str, str] = {}
    taken: set[str] = set()
    for address in addresses:
        # Azure ML allows no “/” in a name.
        name = address.replace("/", "__")[-LONGEST_ID:].lstrip("_0123456789")
        ids[address] = free_id(name, taken)
        taken.add(ids[address])
    return ids


def is_compute_name(name: str) -> bool:
    """Return whether a text can be the name of a compute target."""
    return re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", name) is not None

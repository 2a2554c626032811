"""What a step reads and writes: folders, and where those come from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

PARAMETERS_FILE = "parameters.json"
"""The name of a step's parameters file in its folder."""


class Reference(NamedTuple):
    """A part of a word of a command line that is known only when the job runs.

    Parameters
    ----------
    kind : str
        ``input`` and ``output``: the folder of that name; ``value``: the value of the
        pipeline parameter of that name.
    """

    kind: Literal["input", "output", "value"]
    name: str


Word = tuple[str | Reference, ...]
"""One word of a command line, to be put together without anything between."""


@dataclass(frozen=True)
class Input:
    """A folder that a step reads.

    Parameters
    ----------
    name : str
        Unique among the inputs of the step, ``[a-z][a-z0-9_]*``.
    step, output : str
        The step and its output that the folder comes from; empty for a file.
    type_name : str
        The type of value, ``"DataTable"`` for example; ``"file"`` for a file.
    upload : Upload or None
        What has to be uploaded, where it comes from no step.
    location : DatastoreFolder or None
        Its location on a datastore, where it comes from no step.
    asset : Asset or None
        Its registered name in the workspace of Azure ML, where it comes from no step.
    """

    name: str
    step: str = ""
    output: str = ""
    type_name: str = "file"
    upload: Upload | None = None
    location: DatastoreFolder | None = None
    asset: Asset | None = None


class Asset(NamedTuple):
    """A dataset that is registered in the workspace of Azure ML.

    Parameters
    ----------
    version : str
        Empty for the newest.
    is_file : bool
        Whether it is a single file, and not a folder.
    """

    name: str
    version: str = ""
    is_file: bool = False

    def __str__(self) -> str:
        return (
            f"azureml:{self.name}:{self.version}" if self.version else f"azureml:{self.name}@latest"
        )


class DatastoreFolder(NamedTuple):
    """A folder on a datastore of the workspace."""

    datastore: str
    folder: str

    def __str__(self) -> str:
        return f"azureml://datastores/{self.datastore}/paths/{self.folder}"


@dataclass(frozen=True)
class Upload:
    """A folder that has to be uploaded: a file of this computer, or a step's parameters.

    Parameters
    ----------
    folder : str
        Where it is among the compiled files, relative, with ``/``.
    key : str
        A hash of its content; equal content is uploaded once, and reused.
    source : Path or None
        The file, or the folder itself, on this computer.
    content : str
        The content of the parameters file, where there is no source.
    """

    folder: str
    key: str
    source: Path | None = None
    content: str = ""


@dataclass(frozen=True)
class Output:
    """A folder that a step writes; ``type_name`` as in :class:`Input`."""

    name: str
    type_name: str = "file"

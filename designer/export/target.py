"""A kind of code that pipelines can be exported as."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from designer.export.script import Script
from designer.pipeline.model import Endpoint

Results = Mapping[Endpoint, Path]
"""The folders of stored outputs that belong to the pipeline as it is."""


@dataclass(frozen=True)
class Target:
    """A kind of code, offered by the command line and the window.

    Parameters
    ----------
    name : str
        On the command line: ``--to python``.
    title : str
        In the window.
    suffix : str
        The extension of its files.
    script : callable
        Exports a pipeline; has the parameters of :func:`designer.export.script.python_script`.
    next_step : str
        What to do with the file, on the command line; ``{}`` is the file.
    writes_results : bool
        Whether the results are written as files unless the user chooses otherwise.
    fill : callable, optional
        Returns what the file contains: the script with stored results. It reads them, which may
        take long. Default: only the text of the script.
    """

    name: str
    title: str
    suffix: str
    script: Callable[..., Script]
    next_step: str
    loads_libraries: bool = False
    writes_results: bool = True
    fill: Callable[[Script, Results], str] | None = None

    def content(self, script: Script, results: Results) -> str:
        """Return what the file of a script contains."""
        return script.text if self.fill is None else self.fill(script, results)

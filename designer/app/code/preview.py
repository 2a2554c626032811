"""The pipeline as code for the window; works in any process."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from designer.app.background.errors import error_text
from designer.app.code.spans import Spans, read_spans
from designer.catalog import load_catalog
from designer.pipeline.model import Endpoint, Pipeline
from designer.pipeline.problem import Problem
from designer.texts import tr
from designer.workspace import Workspace
from modules.contract import ModuleSpec

if TYPE_CHECKING:
    from designer.export import Script


@dataclass(frozen=True)
class Request:
    """What is to be exported, and how.

    Parameters
    ----------
    file : Path
        The file of the pipeline; if it has none yet, the file that it might have.
    target : str
        The name of the kind of code.
    workspace : Path
        The workspace folder.
    """

    pipeline: Pipeline
    file: Path
    target: str
    with_layout: bool
    with_results: bool
    workspace: Path


@dataclass(frozen=True)
class Preview:
    """Code, or why there is none.

    Parameters
    ----------
    problems : tuple of Problem
        Errors, or the warnings of the code.
    owners : list of str
        The card or group of each line; empty for none.
    """

    script: Script | None
    problems: tuple[Problem, ...] = ()
    spans: Spans = field(default_factory=list)
    owners: list[str] = field(default_factory=list)

    def owner(self, line: int) -> str:
        """Return the card or group of a line, counted from 1; empty for none."""
        return self.owners[line - 1] if 0 < line <= len(self.owners) else ""


def preview(
    request: Request, closed: Collection[str], specs: Mapping[str, ModuleSpec] | None = None
) -> Preview:
    """Return code to show; errors are part of the result.

    Parameters
    ----------
    closed : collection of str
        Nodes whose files mustn't be looked at.
    specs : mapping of str to ModuleSpec, optional
        Default: the modules of the workspace.
    """
    from designer.export import ExportError

    try:
        script = _script(request, closed, request.file.parent, specs)
    except ExportError as error:
        return Preview(None, error.problems)
    except Exception as error:
        return Preview(None, (Problem("error", error_text(error), code="not-exportable"),))
    return Preview(script, script.warnings, read_spans(script.text, "python"), owners_of(script))


def save(
    request: Request, closed: Collection[str], path: Path, results: Mapping[Endpoint, Path]
) -> str:
    """Write code to a file, and return why that failed; empty if it didn't.

    Parameters
    ----------
    results : mapping of Endpoint to Path
        The folders of stored outputs that belong to the pipeline.
    """
    from designer.export import TARGETS
    from designer.replacing import replace_content

    try:
        if path.exists() and request.file.exists() and path.samefile(request.file):
            return tr("The code would overwrite the pipeline. Choose another file.")
        script = _script(request, closed, path.parent, None)
        replace_content(path, TARGETS[request.target].content(script, results).encode())
    except Exception as error:
        return error_text(error)
    return ""


def _script(
    request: Request,
    closed: Collection[str],
    folder: Path,
    specs: Mapping[str, ModuleSpec] | None,
) -> Script:
    from designer.export import TARGETS

    workspace = Workspace(request.workspace)
    return TARGETS[request.target].script(
        request.pipeline,
        load_catalog(*workspace.own_modules) if specs is None else specs,
        file=request.file,
        workspace=workspace,
        folder=folder,
        datasets=workspace.dataset_store.references(),
        closed=closed,
        with_layout=request.with_layout,
        with_results=request.with_results,
    )


def owners_of(script: Script) -> list[str]:
    """Return the card or group of each line, the innermost one; empty for none."""
    owners = [""] * script.text.count("\n")
    parts = [
        (last - first, owner, first, last)
        for owner, ranges in script.lines.items()
        for first, last in ranges
    ]
    for _, owner, first, last in sorted(parts, reverse=True):
        owners[first - 1 : last] = [owner] * (last - first + 1)
    return owners

"""The pipeline as code for the window; called on a thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from designer.app.background.errors import error_text
from designer.app.code.code_text import Spans, read_spans
from designer.app.document.agreements import Agreements
from designer.catalog import Catalog
from designer.pipeline.model import Endpoint, Pipeline
from designer.pipeline.problem import Problem
from designer.workspace import Workspace

if TYPE_CHECKING:
    from designer.export import Script, Target


@dataclass(frozen=True)
class Request:
    """What is to be exported, and how.

    Parameters
    ----------
    file : Path
        The file of the pipeline; if it has none yet, the file that it might have.
    """

    pipeline: Pipeline
    file: Path
    target: Target
    with_layout: bool
    with_results: bool


@dataclass(frozen=True)
class Preview:
    """Code, or why there is none.

    Parameters
    ----------
    problems : tuple of Problem
        Errors, or the warnings of the code.
    spans : list
        The words of the code with a color; see :func:`designer.app.code.code_text.read_spans`.
    owners : list of str
        The card or group of each line; empty for none.
    """

    script: Script | None
    problems: tuple[Problem, ...]
    spans: Spans
    owners: list[str]

    def owner(self, line: int) -> str:
        """Return the card or group of a line, counted from 1; empty for none."""
        return self.owners[line - 1] if 0 < line <= len(self.owners) else ""


class Exporter:
    """Exports pipelines for the window.

    Parameters
    ----------
    agreements : Agreements
        Which files of a pipeline may be looked at.
    """

    def __init__(self, catalog: Catalog, workspace: Workspace, agreements: Agreements) -> None:
        self._catalog = catalog
        self._workspace = workspace
        self._agreements = agreements

    def preview(self, request: Request) -> Preview:
        """Return code to show; errors are part of the result."""
        from designer.export import ExportError

        try:
            script = self._script(request, request.file.parent)
        except ExportError as error:
            return Preview(None, error.problems, [], [])
        except Exception as error:
            problem = Problem("error", error_text(error))
            return Preview(None, (problem,), [], [])
        spans = read_spans(script.text, "python")
        return Preview(script, script.warnings, spans, owners_of(script))

    def save(self, request: Request, path: Path, results: Mapping[Endpoint, Path]) -> str:
        """Write code to a file, and return why that failed; empty if it didn't.

        Parameters
        ----------
        results : mapping of Endpoint to Path
            The folders of stored outputs that belong to the pipeline.
        """
        from designer.replacing import replace_content

        try:
            if path.exists() and request.file.exists() and path.samefile(request.file):
                return "The code would overwrite the pipeline. Choose another file."
            script = self._script(request, path.parent)
            text = request.target.content(script, results)
            replace_content(path, text.encode())
        except Exception as error:
            return error_text(error)
        return ""

    def _script(self, request: Request, folder: Path) -> Script:
        pipeline, file = request.pipeline, request.file
        return request.target.script(
            pipeline,
            self._catalog,
            file=file,
            workspace=self._workspace,
            folder=folder,
            datasets=list(self._workspace.datasets()),
            closed=self._agreements.closed(pipeline, file.parent),
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

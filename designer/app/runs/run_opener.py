"""Opens the pipeline of an earlier run as it was, in another window."""

from __future__ import annotations

from collections.abc import Callable

from designer.app.dialogs.messages import Messages
from designer.app.document.agreements import Agreements
from designer.app.document.checker import Checker
from designer.app.document.path_parameters import text_without_file
from designer.catalog import Catalog
from designer.composed_texts import in_language
from designer.engine.results import base_of, read_pipeline, read_record
from designer.pipeline import file
from designer.records import DamagedRecordError
from designer.texts import tr
from designer.workspace import Workspace


class RunOpener:
    """Opens pipelines of runs.

    Parameters
    ----------
    open_beside : callable
        Opens a pipeline, given as the text of its file, in another window.
    """

    def __init__(
        self,
        workspace: Workspace,
        catalog: Catalog,
        agreements: Agreements,
        checker: Checker,
        messages: Messages,
        open_beside: Callable[[str], object],
    ) -> None:
        self._workspace = workspace
        self._catalog = catalog
        self._agreements = agreements
        self._checker = checker
        self._messages = messages
        self._open_beside = open_beside

    def __call__(self, run: str) -> None:
        """Open the pipeline of a run; what is in the way is shown in the message bar."""

        def read() -> str | file.PipelineFileError | DamagedRecordError:
            try:
                return self._text(run)
            except (file.PipelineFileError, DamagedRecordError) as error:
                return error

        def show(found: str | file.PipelineFileError | DamagedRecordError) -> None:
            if isinstance(found, str):
                self._open_beside(found)
                return
            self._messages.bar.show_message(
                tr("The pipeline of this run can't be opened. {message} {hint}").format(
                    message=in_language(found.message), hint=in_language(found.hint)
                ),
                severity="error",
            )

        self._checker.in_background(read, show)

    def _text(self, run: str) -> str:
        pipeline = read_pipeline(self._workspace.run_folder(run))
        base = base_of(read_record(self._workspace, run))
        closed = self._agreements.closed(pipeline, base)
        return text_without_file(pipeline, self._catalog, base, closed)

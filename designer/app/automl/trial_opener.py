"""Opens a trial of Automated ML as a pipeline, in another window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from designer.app.dialogs.messages import Messages
from designer.app.document.document import Document
from designer.app.document.path_parameters import text_without_file
from designer.automl.trial_pipeline import TrialError, trial_pipeline
from designer.catalog import Catalog
from designer.composed_texts import in_language


class TrialOpener:
    """Opens trials of the open pipeline's Automated ML cards.

    Parameters
    ----------
    open_beside : callable
        Opens a pipeline, given as the text of its file, in another window.
    """

    def __init__(
        self,
        document: Document,
        catalog: Catalog,
        messages: Messages,
        open_beside: Callable[[str], object],
    ) -> None:
        self._document = document
        self._catalog = catalog
        self._messages = messages
        self._open_beside = open_beside

    def __call__(self, node: str, plan: Mapping[str, Any], trial: Mapping[str, Any]) -> None:
        """Open a trial of a card; what is in the way is shown in the message bar."""
        document = self._document
        try:
            made = trial_pipeline(plan, trial, document.pipeline, node, self._catalog)
        except TrialError as error:
            self._messages.bar.show_message(in_language(str(error)), severity="error")
            return
        self._open_beside(text_without_file(made, self._catalog, document.base))

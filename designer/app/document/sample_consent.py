"""Asks once for each pipeline whether code and outside reads may run on a sample."""

from __future__ import annotations

from designer.app.dialogs.message_bar import MessageBar
from designer.app.document.document import Document
from designer.app.document.file_memory import FileMemory
from designer.app.document.known_columns import KnownColumns
from designer.app.document.labels import node_label
from designer.app.shell.navigation import Navigation
from designer.catalog import Catalog
from modules.contract import Effects

NAME = "sample"
"""The key of the stored answer."""

KIND = "sample"


class SampleConsent:
    """Asks for consent, and stores the answer for the file."""

    def __init__(
        self,
        memory: FileMemory,
        document: Document,
        catalog: Catalog,
        known: KnownColumns,
        navigation: Navigation,
        bar: MessageBar,
    ) -> None:
        self._memory = memory
        self._document = document
        self._catalog = catalog
        self._known = known
        self._navigation = navigation
        self._bar = bar

    @property
    def given(self) -> bool:
        """Whether the user has agreed."""
        return self._memory.get(NAME) is True

    def offer(self) -> None:
        """Ask, if it wasn't asked before and columns depend on it."""
        if self._memory.get(NAME) is not None or not self._navigation.editing:
            return
        known = {end.node for end in self._known.checker.columns}
        asked = self._known.needing_consent(self._document.pipeline)
        nodes = [name for name in asked if name not in known]
        if not nodes:
            self._bar.clear(KIND)
            return
        # It can wait while another message is shown.
        if not self._bar.isHidden():
            return
        pipeline, catalog = self._document.pipeline, self._catalog
        effects = catalog[pipeline.nodes[nodes[0]].module].effects
        until = "runs" if effects == Effects.USER_CODE else "reads its data"
        self._bar.show_message(
            f"Columns after {node_label(pipeline, catalog, nodes[0])} are unknown until it "
            f"{until}. Try it on a sample?",
            [("Allow", lambda: self._answer(True)), ("Not now", lambda: self._answer(False))],
            kind=KIND,
        )

    def _answer(self, allowed: bool) -> None:
        self._memory.set(NAME, allowed)
        if allowed:
            self._known.checker.check_now()

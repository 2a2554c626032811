"""Asks once for each pipeline whether code and outside reads may run on a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

from designer.app.document.labels import node_words
from modules.contract import Effects

if TYPE_CHECKING:
    from designer.app.shell.main_window import MainWindow

NAME = "sample"
"""What the answer is remembered as."""

KIND = "sample"


class SampleConsent:
    """Keeps the answer, which the workspace remembers for the file."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    @property
    def given(self) -> bool:
        """Whether the person has agreed."""
        return self._window.memory.get(NAME) is True

    def offer(self) -> None:
        """Ask, if it was not asked before and something is to be known by it."""
        window = self._window
        if window.memory.get(NAME) is not None or not window.editing:
            return
        known = {end.node for end in window.checker.columns}
        asked = window.known.to_agree(window.document.pipeline)
        nodes = [name for name in asked if name not in known]
        if not nodes:
            window.bar.clear(KIND)
            return
        # It can wait while something else is being said.
        if not window.bar.isHidden():
            return
        pipeline, catalog = window.document.pipeline, window.catalog
        effects = catalog[pipeline.nodes[nodes[0]].module].effects
        until = "runs" if effects == Effects.USER_CODE else "reads its data"
        window.bar.show_message(
            f"Columns after {node_words(pipeline, catalog, nodes[0])} are unknown until it "
            f"{until}. Try it on a sample?",
            [("Allow", lambda: self._answer(True)), ("Not now", lambda: self._answer(False))],
            kind=KIND,
        )

    def _answer(self, allowed: bool) -> None:
        window = self._window
        window.memory.set(NAME, allowed)
        if allowed:
            window.checker.check_now()

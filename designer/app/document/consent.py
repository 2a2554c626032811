"""Asks whether a pipeline from elsewhere may run code and reach outside."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial

from PySide6.QtWidgets import QWidget

from designer.app.dialogs.message_bar import Choice, MessageBar
from designer.app.document.access_words import summary
from designer.app.document.agreements import Agreements
from designer.app.document.document import Document
from designer.app.document.known_columns import KnownColumns
from designer.app.shell.commands import command
from designer.app.shell.navigation import Navigation
from designer.catalog import Catalog
from designer.engine.accesses import Access
from designer.texts import tr

KIND, RUN_KIND = "access", "run access"


class Consent:
    """Asks for consent in the message bar, and applies the answer.

    Parameters
    ----------
    refresh : callable
        Called after the user has agreed: files may be looked at.
    parent : QWidget
        The window, over which the details open.
    """

    def __init__(
        self,
        agreements: Agreements,
        document: Document,
        catalog: Catalog,
        known: KnownColumns,
        navigation: Navigation,
        bar: MessageBar,
        refresh: Callable[[], object],
        parent: QWidget,
    ) -> None:
        self._agreements = agreements
        self._document = document
        self._catalog = catalog
        self._known = known
        self._navigation = navigation
        self._bar = bar
        self._refresh = refresh
        self._parent = parent

    @command(
        tr("Allow code and external data…"),
        help=tr("Review what a pipeline from elsewhere runs, reads, and writes."),
        needs="foreign",
        menus="Pipeline 5",
    )
    def review_access(self) -> None:
        """Show what wasn't agreed to, and allow it."""
        if found := self._missing():
            self._review(found, lambda: None)

    def conditions(self) -> dict[str, bool]:
        """Return which conditions of commands the pipeline meets."""
        return {"foreign": self._navigation.editing and bool(self._known.missing)}

    def offer(self) -> None:
        """Ask, if it wasn't asked before and columns depend on it."""
        if not self._navigation.editing:
            return
        pipeline = self._document.pipeline
        known = {end.node for end in self._known.checker.columns}
        found = [
            access
            for access in self._missing()
            if access.kind != "write"
            and access.node not in known
            and pipeline.links_from.get(access.node)
            and not self._agreements.is_declined(access)
        ]
        if not found:
            self._bar.clear(KIND)
            return
        # It can wait while another message is shown.
        if not self._bar.isHidden():
            return
        after = "it" if len({access.digest for access in found}) == 1 else "them"
        self._ask(
            tr("Allow {summary}? Until then, the columns after {after} are unknown.").format(
                summary=self._summary(found), after=after
            ),
            found,
            [
                (tr("Allow"), lambda: self._allow(found)),
                (tr("Not now"), lambda: self._agreements.decline(found)),
            ],
            KIND,
            closed=lambda: self._agreements.put_off(found),
        )

    def blocks(self, nodes: Collection[str], start: Callable[[], object], verb: str) -> bool:
        """Return whether nodes can't run yet; then ask, and start on consent.

        Parameters
        ----------
        start : callable
            What to do once the user has agreed.
        verb : str
            The act, as on a button.
        """
        found = [access for access in self._missing() if access.node in nodes]
        self._bar.clear(RUN_KIND)
        if not found:
            return False

        def allow() -> None:
            self._allow(found)
            start()

        self._ask(
            tr("Parts of this pipeline weren't made here. Allow {summary}?").format(
                summary=self._summary(found)
            ),
            found,
            [(tr("Allow and {verb}").format(verb=verb), allow)],
            RUN_KIND,
            start,
        )
        return True

    def _ask(
        self,
        text: str,
        found: Sequence[Access],
        choices: Sequence[Choice],
        kind: str,
        then: Callable[[], object] = lambda: None,
        *,
        closed: Callable[[], object] = lambda: None,
    ) -> None:
        details = (tr("Details…"), partial(self._review, found, then))
        self._bar.show_message(
            text, [*choices, details], severity="warning", kind=kind, closed=closed
        )

    def _review(self, found: Sequence[Access], then: Callable[[], object]) -> None:
        from designer.app.dialogs.access_dialog import AccessDialog

        dialog = AccessDialog(self._document.pipeline, self._catalog, found, self._parent)
        if dialog.exec():
            self._allow(found)
            then()
        dialog.deleteLater()

    def _allow(self, found: Sequence[Access]) -> None:
        self._agreements.allow(found)
        self._refresh()
        self._known.checker.check_now()

    def _missing(self) -> list[Access]:
        return self._agreements.missing(self._document.pipeline, self._document.base)

    def _summary(self, found: Sequence[Access]) -> str:
        return summary(self._document.pipeline, self._catalog, found)

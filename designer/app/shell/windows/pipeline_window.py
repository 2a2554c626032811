"""A pipeline with its menus, panels, and runs, as windows and their tabs know it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMainWindow, QMenu, QWidget

from designer.app.document.recovery import Recovery


@dataclass(frozen=True)
class TabText:
    """What a tab shows of its pipeline.

    Parameters
    ----------
    title : str
        The name of the pipeline, or of the start page.
    path : Path or None
        The file; None for a pipeline that was never saved.
    dirty : bool
        Whether there are unsaved changes.
    run : str
        ``running``, how the last run ended (``completed``, ``failed``, …), or empty.
    run_text : str
        That in words.
    """

    title: str
    path: Path | None = None
    dirty: bool = False
    run: str = ""
    run_text: str = ""

    @property
    def marked_title(self) -> str:
        """The title with a mark for unsaved changes, for tabs and menus."""
        mark = "*" if self.dirty else ""
        return mark + self.title.replace("&", "&&")


class PipelineWindow(QMainWindow):
    """A pipeline with all that is shown of it, alone in a window or in one of its tabs.

    Attributes
    ----------
    frame : PageFrame or None
        The window around it; None once it was closed.

    Signals
    -------
    described
        The text of its tab has changed.
    closing : PipelineWindow
        It leaves the screen, and ends its background work afterwards.
    ended
        It was closed, and no background work is left.
    """

    described = Signal()
    closing = Signal(object)
    ended = Signal()

    frame: PageFrame | None = None

    @property
    @abstractmethod
    def tab(self) -> TabText:
        """What its tab shows."""

    @property
    @abstractmethod
    def path(self) -> Path | None:
        """The file that is open; None for a pipeline that was never saved."""

    @property
    @abstractmethod
    def closed(self) -> bool:
        """Whether it was closed."""

    @abstractmethod
    def open_path(self, path: Path) -> bool:
        """Open a file; false if the user cancels or the file is invalid."""

    @abstractmethod
    def open_files(self, paths: Sequence[Path]) -> None:
        """Open a file here, or several in a tab each."""

    @abstractmethod
    def tab_menu(self) -> QMenu:
        """Return the menu of its tab, to be deleted by the caller."""

    @abstractmethod
    def tabs_changed(self) -> None:
        """Update what depends on the number of tabs around it."""

    @abstractmethod
    def may_leave(self) -> bool:
        """Ask about unsaved changes and a run that would end; false to stay."""

    @abstractmethod
    def leave(self) -> None:
        """Close without a question, once it was answered."""

    @abstractmethod
    def end(self) -> None:
        """Close without a question; changes that aren't saved are offered at the next start."""

    @abstractmethod
    def restore(self, recovery: Recovery) -> None:
        """Open the work of an earlier session."""

    @property
    def in_front(self) -> bool:
        """Whether the user works with it: its window is active, and its tab the current one."""
        return self.isVisible() and self.isActiveWindow()

    def show(self) -> None:
        """Show it, with its window around it."""
        if self.frame is not None:
            self.frame.show_page(self)

    def ask_in_front(self) -> None:
        """Come to the front for a question, unless it is there."""
        if not self.in_front:
            self.come_to_front()

    def come_to_front(self) -> None:
        """Show it over the other windows and tabs, with the keyboard."""
        if self.frame is not None:
            self.frame.bring_to_front(self)


class PageFrame(Protocol):
    """The window around pipelines, as they know it."""

    @property
    def strip(self) -> QWidget:
        """The row with the tabs; hidden while there is one pipeline."""

    def show_page(self, page: PipelineWindow) -> None:
        """Show the window with this pipeline."""

    def bring_to_front(self, page: PipelineWindow) -> None:
        """Show this pipeline over the other windows, with the keyboard."""


def close_pages(pages: Sequence[PipelineWindow]) -> bool:
    """Close pipelines unless the user wants to keep one of them.

    Returns
    -------
    bool
        Whether they were closed: all or none. The one in front is asked about first.
    """
    ordered = sorted(pages, key=lambda page: not page.in_front)
    if not all(page.may_leave() for page in ordered):
        return False
    for page in ordered:
        page.leave()
    return True

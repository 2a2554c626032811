"""A panel: a widget beside the canvas that declares its position and its needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from PySide6.QtWidgets import QWidget

from designer.app.datasets.datasets import Datasets
from designer.app.document.agreements import Agreements
from designer.app.document.document import Document
from designer.app.document.known_columns import KnownColumns
from designer.app.document.selection import Selection
from designer.app.runs.run_controller import RunController
from designer.app.shell.navigation import Navigation
from designer.app.shell.settings import Settings
from designer.catalog import Catalog
from designer.workspace import Workspace

Area = Literal["left", "beside", "right", "below"]

Widget = TypeVar("Widget", bound=QWidget, covariant=True)


@dataclass(frozen=True)
class PanelContext:
    """The context of panels: the open pipeline and its known columns."""

    document: Document
    catalog: Catalog
    workspace: Workspace
    datasets: Datasets
    known: KnownColumns
    agreements: Agreements
    controller: RunController
    selection: Selection
    navigation: Navigation
    settings: Settings


@dataclass(frozen=True)
class Panel(Generic[Widget]):
    """A panel of the workbench.

    Parameters
    ----------
    name : str
        Identifies the panel.
    title : str
        On its tab.
    area : str
        The side of the canvas; ``beside`` is between the canvas and the right, hidden at first.
    make : callable
        Makes the widget. Commands that its class declares are the window's.
    icon : str
        Name of an icon on the tab; empty for none.
    """

    name: str
    title: str
    area: Area
    make: Callable[[PanelContext], Widget]
    icon: str = ""

"""The views of stored values, by their names in port types.

A view registers itself in its own file, whose name ends in ``_view``; a plug-in offers one
by an entry point of the group ``modeldesk.views``, named like the view:

>>> @view("spectrum")
... def show(found: Found) -> QWidget:
...     return SpectrumView(found.content)
"""

from __future__ import annotations

import importlib
import logging
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtWidgets import QWidget

from designer.app.views.background import Caller
from modules.contract import ModuleSpec

ENTRY_POINTS = "modeldesk.views"
GENERAL = "general"

_LOG = logging.getLogger(__name__)

Specs = Mapping[str, ModuleSpec]
OpenTrial = Callable[[Mapping[str, Any], Mapping[str, Any]], None]


@dataclass(frozen=True)
class StoredModel:
    """A trained model of the same run.

    Parameters
    ----------
    title : str
        What the user calls it, ``Train Model, trained model`` for example.
    folder : Path
        Where it is stored.
    """

    title: str
    folder: Path


class KeptChart(Protocol):
    """Where the chart that the user made of an output is kept."""

    changed: Any
    """Signal: it was changed elsewhere, by an undo for example."""

    def settings(self) -> object:
        """Return what was kept, as plain JSON; None if nothing was."""

    def keep(self, settings: Mapping[str, Any], title: str) -> None:
        """Keep settings; the title of the chart is for the list of steps that can be undone."""


@dataclass(frozen=True)
class Found:
    """What a view shows.

    Parameters
    ----------
    content : object
        What ``read`` returned.
    folder : Path
        Where the value is stored.
    title : str
        What the user calls it, ``Split Data, first`` for example.
    engine : Caller or None
        Computes in its workers; without one a thread does.
    specs : mapping of str to ModuleSpec
        The modules that exist.
    inputs : mapping of str to str
        What the user calls the data at inputs of the module that made the value.
    open_trial : callable or None
        Opens a trial of a leaderboard as a pipeline: accepts the leaderboard's plan and the trial.
    models : sequence of StoredModel
        Those that may be asked about rows of a table.
    chart : KeptChart, optional
        Where the chart of a table is kept.
    """

    content: Any
    folder: Path
    title: str
    engine: Caller | None
    specs: Specs
    inputs: Mapping[str, str] = field(default_factory=dict)
    open_trial: OpenTrial | None = None
    models: Sequence[StoredModel] = ()
    chart: KeptChart | None = None


@dataclass(frozen=True)
class View:
    """How values are read and shown.

    Parameters
    ----------
    show : callable
        Makes the widget, in the window's thread.
    read : callable or None
        Reads the folder: a function that a worker can import by name.
    in_worker : bool
        Whether a worker process reads; otherwise a thread does.
    """

    show: Callable[[Found], QWidget]
    read: Callable[[Path], Any] | None
    in_worker: bool


def summary(folder: Path) -> Any:
    """Return the summary of a stored value: what most views show."""
    from designer.engine.inspection import inspect

    return inspect(folder)


def view(
    name: str, *, read: Callable[[Path], Any] | None = summary, in_worker: bool = True
) -> Callable[[Callable[[Found], QWidget]], Callable[[Found], QWidget]]:
    """Register the view ``name``; see :class:`View`."""

    def register(show: Callable[[Found], QWidget]) -> Callable[[Found], QWidget]:
        _views[name] = View(show, read, in_worker)
        return show

    return register


def find_view(name: str) -> View:
    """Return a view by name; the general one if there is none."""
    _import_views()
    if name not in _views:
        for entry in metadata.entry_points(group=ENTRY_POINTS, name=name):
            try:
                entry.load()
            except Exception:
                _LOG.exception("The view “%s” can't be loaded.", name)
    return _views.get(name) or _views[GENERAL]


def view_modules() -> list[str]:
    """Return the modules that contain views."""
    package = __name__.rpartition(".")[0]
    found = pkgutil.iter_modules([str(Path(__file__).parent)], f"{package}.")
    return [each.name for each in found if each.name.endswith("_view")]


@cache
def _import_views() -> None:
    for name in view_modules():
        importlib.import_module(name)


_views: dict[str, View] = {}

"""Pictures of a script: a backend of matplotlib that keeps what is drawn.

Matplotlib loads this module by its name, when a script imports pyplot; without a script
nothing here imports matplotlib.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sys
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract.context import warn
from modules.contract.failure_artifacts import leftovers
from modules.python_language._pictures import IMAGES, file_name, free_name, given_pictures
from modules.values import ImageFolder

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BACKEND = f"module://{__name__}"
"""The backend as matplotlib is told of it."""

MOST_PICTURES = 50
"""Pictures that are kept of one script."""

MOST_BYTES = 10_000_000
"""Bytes that one picture may have."""


class Album:
    """The pictures of one script, as long as it runs."""

    def __init__(self) -> None:
        self._pictures: dict[str, bytes] = {}
        self._left_out = 0
        self._saved: weakref.WeakSet[Figure] = weakref.WeakSet()
        self._before = _numbers()

    def keep_saved(self, figure: Figure, file: Any) -> None:
        """Keep the file that a figure was saved in, if it is an image."""
        if isinstance(file, (str, os.PathLike)):
            path = Path(file)
            if path.suffix.lower() in IMAGES and path.is_file():
                self._saved.add(figure)
                self._keep(path.name, path.read_bytes(), replace=True)

    def keep_open(self) -> None:
        """Keep each figure that is open and not saved, and close it."""
        for number in _numbers() - self._before:
            figure = _pyplot().figure(number)
            try:
                if figure not in self._saved:
                    self._draw(figure, number)
            finally:
                _pyplot().close(figure)

    def keep_given(self, given: Any) -> None:
        """Keep the pictures that a script gives in a list or dictionary."""
        for name, content in given_pictures(given):
            self._keep(name, content)

    def leave(self) -> str:
        """Leave the pictures of a script that failed beside its log, and say where they are."""
        if not (self._pictures or _numbers() - self._before):
            return ""
        folder = leftovers()
        if folder is not None:
            # Whatever else may go wrong now, what the script failed of matters more.
            with contextlib.suppress(Exception):
                self.keep_open()
                if self._pictures:
                    _write(self._pictures, folder)
                    return f"Its pictures so far are in “{folder}”."
        return "Its pictures are lost; let it save them to files to see them."

    def close(self) -> None:
        """Close what is open without keeping it."""
        for number in _numbers() - self._before:
            _pyplot().close(number)

    def folder(self) -> ImageFolder | None:
        """Return the pictures as a folder that lasts as long as the value; None without any."""
        if self._left_out:
            count = self._left_out
            warn(
                f"{count} {'picture was' if count == 1 else 'pictures were'} left out: "
                f"at most {MOST_PICTURES} of {MOST_BYTES // 1_000_000} MB each are kept."
            )
        if not self._pictures:
            return None
        folder = Path(tempfile.mkdtemp(prefix="pictures-"))
        _write(self._pictures, folder)
        value = ImageFolder(folder)
        weakref.finalize(value, shutil.rmtree, folder, ignore_errors=True)
        return value

    def _draw(self, figure: Figure, number: int) -> None:
        content = io.BytesIO()
        try:
            figure.savefig(content, format="png")
        except (ValueError, RuntimeError, MemoryError) as error:
            # A formula that can't be set, a size without bounds.
            warn(
                f"Figure {number} can't be drawn: {str(error).strip().partition(chr(10))[0][:200]}"
            )
            return
        label = figure.get_label() or f"Figure {number}"
        self._keep(f"{label}.png", content.getvalue())

    def _keep(self, name: str, content: bytes, *, replace: bool = False) -> None:
        name = file_name(name)
        if not (replace and name in self._pictures):
            name = free_name(name, self._pictures)
        if len(content) > MOST_BYTES or (
            len(self._pictures) >= MOST_PICTURES and name not in self._pictures
        ):
            self._left_out += 1
        else:
            self._pictures[name] = content


@contextlib.contextmanager
def drawing() -> Iterator[Album]:
    """Keep what is drawn inside, on no screen, and undo what that changes in matplotlib."""
    with contextlib.ExitStack() as undo:
        _draw_off_screen(undo)
        album = Album()
        token = _album.set(album)
        undo.callback(_album.reset, token)
        undo.callback(album.close)
        yield album


def show(*_: Any, **__: Any) -> None:
    """Keep the open figures: what ``pyplot.show`` does with this backend."""
    album = _album.get()
    if album is not None:
        album.keep_open()


def __getattr__(name: str) -> Any:
    """Make the canvas when matplotlib asks for it."""
    if name != "FigureCanvas":
        raise AttributeError(name)
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    class FigureCanvas(FigureCanvasAgg):
        def print_figure(self, filename: Any, *arguments: Any, **options: Any) -> Any:
            printed = super().print_figure(filename, *arguments, **options)
            album = _album.get()
            if album is not None:
                album.keep_saved(self.figure, filename)
            return printed

    globals()[name] = FigureCanvas
    return FigureCanvas


def _write(pictures: Mapping[str, bytes], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in pictures.items():
        (folder / name).write_bytes(content)


def _draw_off_screen(undo: contextlib.ExitStack) -> None:
    """Have matplotlib use this backend, whether it is loaded already or not yet."""
    before = os.environ.get("MPLBACKEND")
    os.environ["MPLBACKEND"] = BACKEND
    undo.callback(_set_variable, before)
    matplotlib = sys.modules.get("matplotlib")
    if matplotlib is None:
        # Settings of one script are not those of the next.
        undo.callback(_forget_settings)
        return
    undo.enter_context(matplotlib.rc_context())
    if "matplotlib.pyplot" not in sys.modules:
        matplotlib.rcParams["backend"] = BACKEND
    elif not _numbers():
        undo.callback(_pyplot().switch_backend, matplotlib.get_backend())
        _pyplot().switch_backend(BACKEND)


def _set_variable(value: str | None) -> None:
    if value is None:
        os.environ.pop("MPLBACKEND", None)
    else:
        os.environ["MPLBACKEND"] = value


def _forget_settings() -> None:
    if "matplotlib" in sys.modules:
        sys.modules["matplotlib"].rc_file_defaults()


def _pyplot() -> Any:
    return sys.modules["matplotlib.pyplot"]


def _numbers() -> set[int]:
    """Return the numbers of the open figures."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    return set() if pyplot is None else set(pyplot.get_fignums())


_album: ContextVar[Album | None] = ContextVar("album", default=None)

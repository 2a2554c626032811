"""Images from a script: a matplotlib backend that captures figures.

Matplotlib loads this module by its name when a script imports pyplot; this module never
imports matplotlib before that.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import weakref
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract.context import failure_folder, warn
from modules.python_language._pictures import IMAGES, file_name, free_name, listed_images
from modules.values import ImageFolder

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BACKEND = f"module://{__name__}"
"""The backend's name in matplotlib."""

MOST_PICTURES = 50
"""Maximum number of images per script."""

MOST_BYTES = 10_000_000
"""Maximum bytes per image."""


class Album:
    """The images of one script while it runs."""

    def __init__(self) -> None:
        self._pictures: dict[str, bytes] = {}
        self._left_out = 0
        self._saved: weakref.WeakSet[Figure] = weakref.WeakSet()
        self._before = _numbers()

    def keep_saved(self, figure: Figure, file: Any) -> None:
        """Keep the file that a figure was saved to, if it is an image."""
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

    def keep_listed(self, given: Any) -> None:
        """Keep the images in a script's list or dictionary."""
        for name, content in listed_images(given):
            self._keep(name, content)

    def leave(self) -> str:
        """Store the images of a failed script beside its log; return a hint with the folder."""
        if not (self._pictures or _numbers() - self._before):
            return ""
        folder = failure_folder()
        if folder is not None:
            # The script's own error matters more than any error here.
            with contextlib.suppress(Exception):
                self.keep_open()
                if self._pictures:
                    _write(self._pictures, folder)
                    return f"Its images so far are in “{folder}”."
        return "Its images are lost. To keep them, save them to files in the script."

    def close(self) -> None:
        """Close open figures without keeping them."""
        for number in _numbers() - self._before:
            _pyplot().close(number)

    def folder(self) -> ImageFolder | None:
        """Return the images as a folder that lives as long as the value; None if there are none."""
        if self._left_out:
            count = self._left_out
            warn(
                f"{count} {'image was' if count == 1 else 'images were'} skipped: "
                f"at most {MOST_PICTURES} of {MOST_BYTES // 1_000_000} MB each are kept."
            )
        if not self._pictures:
            return None
        value = ImageFolder.temporary()
        _write(self._pictures, value.folder)
        return value

    def _draw(self, figure: Figure, number: int) -> None:
        content = io.BytesIO()
        try:
            figure.savefig(content, format="png")
        except (ValueError, RuntimeError, MemoryError) as error:
            # An invalid formula, or an unlimited size.
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
    """Capture figures drawn inside, off screen, and restore matplotlib afterwards."""
    with contextlib.ExitStack() as undo:
        _draw_off_screen(undo)
        album = Album()
        token = _album.set(album)
        undo.callback(_album.reset, token)
        undo.callback(album.close)
        yield album


def show(*_: Any, **__: Any) -> None:
    """Capture the open figures: ``pyplot.show`` in this backend."""
    album = _album.get()
    if album is not None:
        album.keep_open()


def __getattr__(name: str) -> Any:
    """Create the canvas class when matplotlib requests it."""
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
    """Make matplotlib use this backend, whether or not it is already loaded."""
    before = os.environ.get("MPLBACKEND")
    os.environ["MPLBACKEND"] = BACKEND
    undo.callback(_set_variable, before)
    matplotlib = sys.modules.get("matplotlib")
    if matplotlib is None:
        # Settings of one script must not affect the next.
        undo.callback(_reset_settings)
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


def _reset_settings() -> None:
    if "matplotlib" in sys.modules:
        sys.modules["matplotlib"].rc_file_defaults()


def _pyplot() -> Any:
    return sys.modules["matplotlib.pyplot"]


def _numbers() -> set[int]:
    """Return the numbers of the open figures."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    return set() if pyplot is None else set(pyplot.get_fignums())


_album: ContextVar[Album | None] = ContextVar("album", default=None)

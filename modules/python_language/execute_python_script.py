"""Execute Python Script."""

from __future__ import annotations

import builtins
import contextlib
import importlib
import linecache
import numbers
import os
import sys
import tempfile
import traceback
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from modules.contract import DataTable, Effects, ModuleError, Script, module
from modules.python_language._drawing import drawing
from modules.values import Files, ImageFolder

SCRIPT_NAME = "<script>"
"""What stands for the script's file in tracebacks."""

BUNDLE = "Script Bundle"

DEFAULT_SCRIPT = """\
# dataframe1 and dataframe2 are pandas DataFrames, or None where nothing is connected.
# Return one DataFrame, or a tuple of two.

import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    return dataframe1,
"""


@module(
    "Execute Python Script",
    outputs=("result_dataset", "result_dataset2", "pictures"),
    keywords=(
        "code",
        "custom",
        "pandas",
        "azureml_main",
        "function",
        "program",
        "plot",
        "matplotlib",
    ),
    requires=("pandas",),
    effects=Effects.USER_CODE,
    row="a script works on tables",
)
def execute_python_script(
    dataset1: DataTable | None = None,
    dataset2: DataTable | None = None,
    script_bundle: Files | None = None,
    *,
    script: Annotated[str, Field(title="Python script"), Script("python")] = DEFAULT_SCRIPT,
) -> tuple[DataTable | None, DataTable | None, ImageFolder | None]:
    """Run a Python function of your own on up to two tables.

    The script defines ``azureml_main(dataframe1, dataframe2)``. It gets pandas DataFrames,
    and returns one or a sequence of up to two.

    Parameters
    ----------
    dataset1 : DataTable, optional
        The table that becomes ``dataframe1``; None if nothing is connected.
    dataset2 : DataTable, optional
        The table that becomes ``dataframe2``; None if nothing is connected.
    script_bundle : Files, optional
        Python files and data that the script needs; a zip file in it is unpacked. They can
        be imported, and opened as ``./Script Bundle/name``.
    script : str
        The program text.

    Returns
    -------
    result_dataset : DataTable
        The first DataFrame that the function returns.
    result_dataset2 : DataTable
        The second one, if there is one.
    pictures : ImageFolder
        What the script draws with matplotlib or gives as ``pictures``, if there is anything.

    Notes
    -----
    The function gets copies; the tables that came in never change. Roles, such as the
    label, come back to columns that keep their name. What the script prints is in the log
    of the step, with the whole traceback if it fails.

    The libraries that the script imports have to be installed beside ModelDesk; nothing is
    installed while a step runs.

    Where matplotlib is installed, every figure that the script shows, saves as an image or
    leaves open becomes a picture of the output Pictures: up to 50, of at most 10 MB each.
    ``pyplot.show()`` closes the figure and doesn't block. Pictures needn't be uploaded to the
    run, as in Azure ML designer.

    Pictures of other libraries are kept if the script has them in a global variable
    ``pictures``, a list or a dictionary by name: images of Pillow and whatever else shows
    itself as PNG in a notebook, bytes of a PNG, JPEG, TIFF or WebP file (of plotly for
    example: ``figure.to_image("png")``), or the path of such a file.

    A script that fails gives no output. What it has drawn with matplotlib by then is left
    beside the log of the step; the message says where.

    A step whose script and inputs are the same is not run again. A script that depends on
    the clock, on chance without a seed, or on files elsewhere should be run with reuse off.
    """
    with drawing() as album:
        try:
            with _bundled(script_bundle):
                returned, pictures = _run(script, _copied(dataset1), _copied(dataset2))
                album.keep_open()
                if pictures is not None:
                    album.keep_given(pictures)
            first, second = _frames(returned)
        except ModuleError as error:
            error.hint = f"{error.hint} {album.leave()}".strip()
            raise
        return (
            _table(first, dataset1, dataset2),
            _table(second, dataset2, dataset1),
            album.folder(),
        )


def _copied(table: DataTable | None) -> Any:
    return None if table is None else table.frame.copy(deep=True)


def _run(script: str, first: Any, second: Any) -> tuple[Any, Any]:
    """Return what the function returns, and what the script calls ``pictures`` then."""
    # So that a traceback shows the lines of the script.
    linecache.cache[SCRIPT_NAME] = (len(script), None, script.splitlines(True), SCRIPT_NAME)
    namespace: dict[str, Any] = {"__name__": "script", "__builtins__": builtins}
    try:
        exec(compile(script, SCRIPT_NAME, "exec"), namespace)
        main = namespace.get("azureml_main")
        if not callable(main):
            raise ModuleError(
                "no-azureml-main",
                "The script defines no function azureml_main.",
                "Define azureml_main(dataframe1=None, dataframe2=None).",
                parameter="script",
            )
        returned = main(first, second)
        return returned, namespace.get("pictures")
    except ModuleError:
        raise
    except (Exception, SystemExit) as error:
        traceback.print_exc()
        raise _failed(error) from error
    finally:
        linecache.cache.pop(SCRIPT_NAME, None)


def _failed(error: BaseException) -> ModuleError:
    if isinstance(error, SyntaxError) and error.filename == SCRIPT_NAME:
        line = error.lineno
    else:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == SCRIPT_NAME]
        line = lines[-1] if lines else None
    place = f" in line {line}" if line else ""
    if isinstance(error, SystemExit):
        message = f"The script called exit{place}."
        hint = "Return from azureml_main instead."
    else:
        text = error.msg if isinstance(error, SyntaxError) else str(error)
        shown = text.strip().splitlines()[0][:300] if text.strip() else ""
        name = type(error).__name__
        message = f"The script failed{place}: {name}{': ' if shown else ''}{shown}"
        message = message if message.endswith(".") else message + "."
        hint = "The log of the step has the whole traceback."
        if isinstance(error, TypeError) and "azureml_main()" in text:
            hint = "Define azureml_main(dataframe1=None, dataframe2=None)."
    return ModuleError("script-failed", message, hint, parameter="script", line=line)


def _frames(returned: Any) -> tuple[Any, Any]:
    import pandas as pd

    values = list(returned) if isinstance(returned, (tuple, list)) else [returned]
    if len(values) > 2:
        raise ModuleError(
            "too-many-results",
            f"azureml_main returned {len(values)} values; there are two outputs.",
            "Return one DataFrame, or a tuple of two.",
            parameter="script",
        )
    for place, value in enumerate(values):
        if value is not None and not isinstance(value, pd.DataFrame):
            raise _no_table(value, place if len(values) > 1 else None)
    if all(value is None for value in values):
        raise ModuleError(
            "no-results",
            "azureml_main returned nothing.",
            "Return one DataFrame, or a tuple of two.",
            parameter="script",
        )
    first, second = (*values, None, None)[:2]
    return first, second


def _no_table(value: Any, place: int | None) -> ModuleError:
    """Return the error for a result that is no DataFrame; its place, if there are several."""
    import numpy as np
    import pandas as pd

    words, hint = "an object", "Return one pandas DataFrame, or a tuple of two."
    if isinstance(value, pd.Series):
        words, hint = "a single column", "Make a table of it: return column.to_frame()."
    elif isinstance(value, np.ndarray):
        words, hint = "an array", "Make a table of it: return pd.DataFrame(array)."
    elif isinstance(value, dict):
        words = "a dictionary"
        hint = "Make a table of it: return pd.DataFrame(values), with a list for each column."
    elif isinstance(value, (list, tuple)):
        words = "a list" if isinstance(value, list) else "a tuple"
        hint = "Make a table of it: return pd.DataFrame(rows, columns=names)."
    elif isinstance(value, (bool, np.bool_)):
        words = "true or false"
    elif isinstance(value, numbers.Integral):
        words = "a whole number"
    elif isinstance(value, numbers.Number):
        words = "a number"
    elif isinstance(value, str):
        words = "text"
    what = "" if place is None else f" as its {('first', 'second')[place]} result"
    return ModuleError(
        "not-a-dataframe",
        f"azureml_main returned {words} ({type(value).__name__}){what}, not a table.",
        hint,
        parameter="script",
    )


def _table(frame: Any, own: DataTable | None, other: DataTable | None) -> DataTable | None:
    """Return a table with the roles that its columns had, first in its own input."""
    if frame is None:
        return None
    tables = [table for table in (own, other) if table is not None]
    roles: dict[str, str] = {}
    for table in tables:
        roles = {**table.roles, **roles}
    scoring = next((table.scoring for table in tables if table.scoring), None)
    return DataTable(frame, roles, scoring)


@contextlib.contextmanager
def _bundled(bundle: Files | None) -> Iterator[None]:
    """Unpack a bundle into a folder of its own, make it importable, and undo that."""
    if bundle is None:
        yield
        return
    before, path, known = os.getcwd(), list(sys.path), set(sys.modules)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder).resolve() / BUNDLE
        _unpack(bundle.folder, place)
        os.chdir(folder)
        # At the end, as in Azure ML designer: a bundle doesn't shadow the standard library.
        sys.path.append(str(place))
        importlib.invalidate_caches()
        try:
            yield
        finally:
            os.chdir(before)
            sys.path[:] = path
            for name in set(sys.modules) - known:
                file = getattr(sys.modules[name], "__file__", None)
                if file and Path(file).is_relative_to(place):
                    del sys.modules[name]


def _unpack(source: Path, target: Path) -> None:
    target.mkdir()
    for path in sorted(source.rglob("*")):
        copy = target / path.relative_to(source)
        if path.is_dir():
            copy.mkdir(parents=True, exist_ok=True)
        elif path.suffix.lower() == ".zip":
            try:
                with zipfile.ZipFile(path) as archive:
                    # Names with .. or a root are made harmless by zipfile.
                    archive.extractall(copy.parent)
            except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
                raise ModuleError(
                    "bad-bundle",
                    f"“{path.name}” can't be unpacked: {error}.",
                    "Create the zip file again, without a password.",
                    port="script_bundle",
                ) from error
        else:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())

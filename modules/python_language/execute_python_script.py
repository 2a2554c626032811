"""Execute Python Script."""

from __future__ import annotations

import contextlib
import importlib
import numbers
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from modules.contract import DataTable, Effects, ModuleError, Script, module
from modules.contract.code import CodeStep
from modules.python_language._drawing import drawing
from modules.python_language._exported import call_script
from modules.python_language._script import namespace_of, running
from modules.tables.scripts import (
    BUNDLE,
    extract_bundle,
    know_roles_of_scripts,
    table_with_roles,
)
from modules.values import Files, ImageFolder

DEFAULT_SCRIPT = """\
# dataframe1 and dataframe2 are pandas DataFrames, or None if nothing is connected.
# Return one DataFrame, or a tuple of two.

import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    return dataframe1,
"""


def _code(step: CodeStep) -> None:
    first, second, pictures = step.outputs
    if "script_bundle" in step.inputs:
        step.refuse("it uses a script bundle")
    if "random" in step.value("script"):
        step.write(
            "# Every step of a run starts with these random states.",
            f"{step.module('random')}.seed(0)",
            f"{step.module('numpy', 'np')}.random.seed(0)",
        )
    frames = [step.inputs.get(port, "None") for port in ("dataset1", "dataset2")]
    while frames and frames[-1] == "None":
        frames.pop()
    arguments = ", ".join([step.source("script"), *frames])
    step.write(f"{first}, {second} = {step.helper(call_script)}({arguments})")
    if pictures != "_":
        step.write(f"{pictures} = None  # What the script draws isn't collected.")
    know_roles_of_scripts(step)


@module(
    "Execute Python Script",
    outputs=("result_dataset", "result_dataset2", "pictures"),
    keywords=(
        "python",
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
    code=_code,
    row="a script works on tables",
)
def execute_python_script(
    dataset1: DataTable | None = None,
    dataset2: DataTable | None = None,
    script_bundle: Files | None = None,
    *,
    script: Annotated[str, Field(title="Python script"), Script("python")] = DEFAULT_SCRIPT,
) -> tuple[DataTable | None, DataTable | None, ImageFolder | None]:
    """Run a custom Python function on up to two tables.

    The script defines ``azureml_main(dataframe1, dataframe2)``. It receives pandas DataFrames
    and returns one, or a sequence of up to two.

    Parameters
    ----------
    dataset1 : DataTable, optional
        The table passed as ``dataframe1``; None if nothing is connected.
    dataset2 : DataTable, optional
        The table passed as ``dataframe2``; None if nothing is connected.
    script_bundle : Files, optional
        Python files and data that the script needs; zip files are extracted. You can
        import them, and open them as ``./Script Bundle/name``.
    script : str
        The program text.

    Returns
    -------
    result_dataset : DataTable
        The first DataFrame that the function returns.
    result_dataset2 : DataTable
        The second one, if there is one.
    pictures : ImageFolder
        Matplotlib figures and images in the script's ``pictures`` variable, if there are any.

    Notes
    -----
    The function receives copies; the input tables never change. Roles, such as the
    label, are restored for columns that keep their name. Printed output is in the log
    of the step, with the full traceback if it fails.

    The libraries that the script imports must be installed in ModelDesk's environment; steps
    don't install packages.

    If matplotlib is installed, every figure that the script shows, saves as an image or
    leaves open is added to the output Pictures: up to 50, of at most 10 MB each.
    ``pyplot.show()`` closes the figure and doesn't block. Unlike in Azure ML
    designer, you don't have to upload images to the run.

    Images from other libraries are kept if they are in the script's global variable
    ``pictures``, a list or a dictionary by name: Pillow images and other objects that
    notebooks show as PNG, bytes of a PNG, JPEG, TIFF or WebP file (with plotly for
    example: ``figure.to_image("png")``), or the path of such a file.

    A failed script doesn't have any output. Its matplotlib figures so far are stored
    beside the log of the step; the error shows the folder.

    A step with the same script and inputs is reused. Turn on Regenerate output for a script
    that depends on the clock, on random numbers without a seed, or on other files.
    """
    with drawing() as album:
        try:
            with _bundled(script_bundle):
                returned, pictures = _run(script, _copied(dataset1), _copied(dataset2))
                album.keep_open()
                if pictures is not None:
                    album.keep_listed(pictures)
            first, second = _frames(returned)
        except ModuleError as error:
            error.hint = f"{error.hint} {album.leave()}".strip()
            raise
        return (
            table_with_roles(first, dataset1, dataset2),
            table_with_roles(second, dataset2, dataset1),
            album.folder(),
        )


def _copied(table: DataTable | None) -> Any:
    return None if table is None else table.frame.copy(deep=True)


def _run(script: str, first: Any, second: Any) -> tuple[Any, Any]:
    """Return the function's result and the script's ``pictures``."""
    with running(
        script,
        instead_of_exit="Return from azureml_main instead.",
        signatures={"azureml_main": "Define azureml_main(dataframe1=None, dataframe2=None)."},
        parameter="script",
    ):
        namespace = namespace_of(script)
        main = namespace.get("azureml_main")
        if not callable(main):
            raise ModuleError(
                "no-azureml-main",
                "The script doesn't define a function azureml_main.",
                "Define azureml_main(dataframe1=None, dataframe2=None).",
                parameter="script",
            )
        returned = main(first, second)
        return returned, namespace.get("pictures")


def _frames(returned: Any) -> tuple[Any, Any]:
    import pandas as pd

    values = list(returned) if isinstance(returned, (tuple, list)) else [returned]
    if len(values) > 2:
        raise ModuleError(
            "too-many-results",
            f"azureml_main returned {len(values)} values, but there are only two outputs.",
            "Return one DataFrame, or a tuple of two.",
            parameter="script",
        )
    for index, value in enumerate(values):
        if value is not None and not isinstance(value, pd.DataFrame):
            raise _not_a_table(value, index if len(values) > 1 else None)
    if all(value is None for value in values):
        raise ModuleError(
            "no-results",
            "azureml_main returned nothing.",
            "Return one DataFrame, or a tuple of two.",
            parameter="script",
        )
    first, second = (*values, None, None)[:2]
    return first, second


def _not_a_table(value: Any, index: int | None) -> ModuleError:
    """Return the error for a result that isn't a DataFrame; its index if there are several."""
    import numpy as np
    import pandas as pd

    label, hint = "an object", "Return one pandas DataFrame, or a tuple of two."
    if isinstance(value, pd.Series):
        label, hint = "a single column", "Convert it to a table: return column.to_frame()."
    elif isinstance(value, np.ndarray):
        label, hint = "an array", "Convert it to a table: return pd.DataFrame(array)."
    elif isinstance(value, dict):
        label = "a dictionary"
        hint = "Convert it to a table: return pd.DataFrame(values), with a list for each column."
    elif isinstance(value, (list, tuple)):
        label = "a list" if isinstance(value, list) else "a tuple"
        hint = "Convert it to a table: return pd.DataFrame(rows, columns=names)."
    elif isinstance(value, (bool, np.bool_)):
        label = "true or false"
    elif isinstance(value, numbers.Integral):
        label = "an integer"
    elif isinstance(value, numbers.Number):
        label = "a number"
    elif isinstance(value, str):
        label = "text"
    which = "" if index is None else f" as its {('first', 'second')[index]} result"
    return ModuleError(
        "not-a-dataframe",
        f"azureml_main returned {label} ({type(value).__name__}){which}, not a table.",
        hint,
        parameter="script",
    )


@contextlib.contextmanager
def _bundled(bundle: Files | None) -> Iterator[None]:
    """Extract a bundle into a temporary folder, make it importable, and undo that."""
    if bundle is None:
        yield
        return
    before, path, known = os.getcwd(), list(sys.path), set(sys.modules)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder).resolve() / BUNDLE
        extract_bundle(bundle.folder, target)
        os.chdir(folder)
        # At the end, as in Azure ML designer: a bundle doesn't shadow the standard library.
        sys.path.append(str(target))
        importlib.invalidate_caches()
        try:
            yield
        finally:
            os.chdir(before)
            sys.path[:] = path
            for name in set(sys.modules) - known:
                file = getattr(sys.modules[name], "__file__", None)
                if file and Path(file).is_relative_to(target):
                    del sys.modules[name]

"""Run Script."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    Effects,
    ModuleError,
    PathOf,
    Script,
    Tasks,
    When,
    module,
)
from modules.contract.code import CodeStep, FilesFacts
from modules.python_language._exported_program import run_alone
from modules.python_language._script_model import read_model
from modules.python_language._script_process import (
    PLACEHOLDER,
    Paths,
    read_table,
    run_program,
    write_table,
)
from modules.tables.scripts import table_with_roles
from modules.values import Files, TrainedModel

DEFAULT_SCRIPT = """\
# A separate program, with arguments as on a command line.

import argparse

import pandas as pd

parser = argparse.ArgumentParser()
parser.add_argument("--data")
parser.add_argument("--out")
given = parser.parse_args()

table = pd.read_csv(given.data)
print(f"{len(table)} rows")
table.to_csv(given.out, index=False)
"""

_ARGUMENTS = "--data ${{inputs.dataset}} --out ${{outputs.results_dataset}}"


def _code(step: CodeStep) -> None:
    """Write a call of the script; what the arguments name decides what it returns."""
    named = PLACEHOLDER.findall(step.value("arguments"))
    for kind, name in named:
        if (kind, name) == ("outputs", "trained_model"):
            step.refuse("only a run shows what the model of its script predicts")
        known = step.inputs if kind == "inputs" else ("results_dataset", "results_files")
        if name not in known:
            step.refuse(
                f"its arguments name the {kind.removesuffix('s')} {name}, which isn't there"
            )
    given = [step.source("script"), step.source("arguments")]
    if step.value("source") == "folder":
        given[0] = step.path_source("folder")
        given.append(f"file={step.source('file')}")
    given += [f"{port}={variable}" for port, variable in step.inputs.items()]
    if step.value("table_format") == "Parquet":
        given.append('extension="parquet"')
    if step.is_given("minutes"):
        given.append(f"minutes={step.source('minutes')}")
    call = f"{step.helper(run_alone)}({', '.join(given)})"
    table, files, model = step.outputs
    step.write(f"{table}, {files} = {call}")
    if model != "_":
        step.write(f"{model} = None  # The arguments don't name it.")
    if ("outputs", "results_files") in named:
        step.know("results_files", FilesFacts())


@module(
    "Run Script",
    outputs=("results_dataset", "results_files", "trained_model"),
    keywords=("python", "program", "train", "argparse", "command", "own", "job", "training script"),
    requires=("pandas", "pyarrow", "skops"),
    effects=Effects.USER_CODE,
    code=_code,
    row="a script works on files",
)
def run_script(
    dataset: DataTable | None = None,
    files: Files | None = None,
    *,
    source: Annotated[Literal["this card", "folder"], Field(title="Script from")] = "this card",
    script: Annotated[
        str, Field(title="Python script"), Script("python"), When(source="this card")
    ] = DEFAULT_SCRIPT,
    folder: Annotated[
        str, Field(title="Folder"), PathOf("read", folder=True), When(source="folder")
    ] = "",
    file: Annotated[str, Field(title="Script file"), When(source="folder")] = "train.py",
    arguments: Annotated[str, Field(title="Arguments")] = _ARGUMENTS,
    table_format: Annotated[Literal["CSV", "Parquet"], Field(title="Format of tables")] = "CSV",
    label_column: Annotated[
        ColumnSelector,
        Field(title="Label column of the model"),
        Columns(of="dataset", single=True),
    ] = ColumnSelector(),
    minutes: Annotated[float, Field(title="Time limit in minutes", ge=0)] = 0.0,
) -> tuple[
    DataTable | None,
    Files | None,
    Annotated[TrainedModel | None, Tasks("two-class", "multiclass", "regression")],
]:
    """Run your own script, unchanged: a program with arguments that reads and writes files.

    Parameters
    ----------
    dataset : DataTable, optional
        A table, which the script reads from a file: ``${{inputs.dataset}}``.
    files : Files, optional
        A folder that the script reads: ``${{inputs.files}}``.
    source : str
        Where the script is: in this card, or in a folder with all that it imports.
    script : str
        The program text.
    folder : str
        The folder with the script and its own modules. The script runs in a copy of it.
    file : str
        The script in the folder.
    arguments : str
        The command line, with the quotes of a shell. ``${{inputs.dataset}}``,
        ``${{inputs.files}}``, ``${{outputs.results_dataset}}``, ``${{outputs.results_files}}``,
        and ``${{outputs.trained_model}}`` are replaced by paths.
    table_format : str
        The format in which the script reads and writes tables.
    label_column : ColumnSelector
        The column of the dataset that a trained model predicts, if the script trains one; the
        others are its features.
    minutes : float
        The step fails after this time; 0 for no limit.

    Returns
    -------
    results_dataset : DataTable
        The table in the file ``${{outputs.results_dataset}}``, if an argument names it.
    results_files : Files
        What the script writes into the folder ``${{outputs.results_files}}``, if an argument
        names it.
    trained_model : TrainedModel
        The model in the folder ``${{outputs.trained_model}}``, if an argument names it: a
        scikit-learn or LightGBM estimator or pipeline that the script has stored there with
        ``skops.io.dump(model, folder + "/model.skops")``.

    Notes
    -----
    The script runs in its own process with ModelDesk's Python, in a copy of its folder, so only
    its outputs remain. An exit status other than 0 fails the step; what the script prints is in
    the log. Pickles aren't read.

    A trained model gets the columns of the dataset except the label as a DataFrame, so it should
    contain its own preparation, for example as a scikit-learn pipeline. It can be scored,
    evaluated, and deployed like any other.

    To run a script without a pipeline, on this computer or on Azure ML, use “Run a script…” in
    the window or ``designer script run``.
    """
    label = None
    if dataset is not None and label_column != ColumnSelector():
        label = label_column.resolve_one(dataset.columns, parameter="label_column")
    with tempfile.TemporaryDirectory(prefix="modeldesk-", ignore_cleanup_errors=True) as made:
        work = Path(made).resolve()
        program = _program(source, script, folder, file, work / "code")
        extension = table_format.lower()
        known = {
            ("outputs", "results_dataset"): work / f"results_dataset.{extension}",
            ("outputs", "results_files"): work / "results_files",
            ("outputs", "trained_model"): work / "trained_model",
        }
        absent = set()
        if dataset is None:
            absent.add("dataset")
        else:
            known["inputs", "dataset"] = work / f"dataset.{extension}"
            write_table(dataset.frame, known["inputs", "dataset"])
        if files is None:
            absent.add("files")
        else:
            known["inputs", "files"] = work / "files"
            shutil.copytree(files.folder, work / "files")
        for name in ("results_files", "trained_model"):
            known["outputs", name].mkdir()
        paths = Paths(known, frozenset(absent))
        run_program(program, paths.arguments(arguments), minutes)
        table = result = model = None
        if "results_dataset" in paths.named:
            frame = read_table(known["outputs", "results_dataset"])
            table = table_with_roles(frame, dataset, None)
        if "results_files" in paths.named:
            result = _files(known["outputs", "results_files"])
        if "trained_model" in paths.named:
            model = read_model(known["outputs", "trained_model"], dataset, label)
    return table, result, model


def _program(source: str, script: str, folder: str, file: str, work: Path) -> Path:
    """Return the script in a new folder."""
    if source == "this card":
        work.mkdir()
        program = work / "script.py"
        program.write_text(script, "utf-8")
        return program
    origin = Path(folder).expanduser()
    if not folder or not origin.is_dir():
        raise ModuleError(
            "no-folder", "No folder is chosen.", "Choose the script's folder.", parameter="folder"
        )
    found = (origin / file).resolve()
    if not file or not found.is_file() or not found.is_relative_to(origin.resolve()):
        raise ModuleError(
            "no-script",
            f"There is no script “{file}” in the folder “{origin.name}”.",
            "Enter the name of a file in the folder, train.py for example.",
            parameter="file",
        )
    shutil.copytree(origin, work, ignore=shutil.ignore_patterns("__pycache__", ".git"))
    return work / found.relative_to(origin.resolve())


def _files(folder: Path) -> Files:
    if not any(path.is_file() for path in folder.rglob("*")):
        raise ModuleError(
            "nothing-written",
            "The script wrote no files to its output.",
            "Write them into the folder that the script gets as ${{outputs.results_files}}.",
        )
    result = Files.temporary()
    shutil.copytree(folder, result.folder, dirs_exist_ok=True)
    return result

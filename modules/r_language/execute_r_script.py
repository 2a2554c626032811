"""Execute R Script."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from modules.contract import DataTable, Effects, Script, module
from modules.contract.code import CodeStep
from modules.contract.context import report_progress
from modules.tables.scripts import (
    BUNDLE,
    extract_bundle,
    know_roles_of_scripts,
    table_with_roles,
)
from modules.values import Files, ImageFolder

DEFAULT_SCRIPT = """\
# dataframe1 and dataframe2 are data frames, or NULL if nothing is connected.
# Return a list of up to two data frames.

azureml_main <- function(dataframe1, dataframe2) {
  return(list(dataset1 = dataframe1, dataset2 = dataframe2))
}
"""


def _code(step: CodeStep) -> None:
    from modules.r_language._exported import run_r_script

    first, second, pictures = step.outputs
    if "script_bundle" in step.inputs:
        step.refuse("it uses a script bundle")
    ports = [port for port in ("dataset1", "dataset2") if port in step.inputs]
    frames = "".join(f", {port}={step.inputs[port]}" for port in ports)
    given = f"{step.source('script')}, {step.source('seed')}{frames}"
    step.write(f"{first}, {second} = {step.helper(run_r_script)}({given})")
    if pictures != "_":
        step.write(f"{pictures} = None  # What the script draws isn't collected.")
    know_roles_of_scripts(step)


@module(
    "Execute R Script",
    outputs=("result_dataset", "result_dataset2", "r_device"),
    keywords=("code", "custom", "azureml_main", "function", "program", "ggplot", "plot", "Rscript"),
    requires=("numpy", "pandas", "program:Rscript"),
    effects=Effects.USER_CODE,
    code=_code,
    row="a script works on tables",
)
def execute_r_script(
    dataset1: DataTable | None = None,
    dataset2: DataTable | None = None,
    script_bundle: Files | None = None,
    *,
    script: Annotated[str, Field(title="R script"), Script("r")] = DEFAULT_SCRIPT,
    seed: Annotated[int, Field(ge=0, le=2_147_483_647, title="Random seed")] = 0,
) -> tuple[DataTable | None, DataTable | None, ImageFolder | None]:
    """Run a custom R function on up to two tables.

    The script defines ``azureml_main(dataframe1, dataframe2)``. It receives data frames and
    returns a list of up to two, ``dataset1`` and ``dataset2``.

    Parameters
    ----------
    dataset1 : DataTable, optional
        The table passed as ``dataframe1``; NULL if nothing is connected.
    dataset2 : DataTable, optional
        The table passed as ``dataframe2``; NULL if nothing is connected.
    script_bundle : Files, optional
        R files and data that the script needs; zip files are extracted. Use them with
        ``source("./Script Bundle/name.R")``.
    script : str
        The program text.
    seed : int
        For ``set.seed``, which is called before the script runs.

    Returns
    -------
    result_dataset : DataTable
        The data frame ``dataset1`` of the list, or the only one that is returned.
    result_dataset2 : DataTable
        The data frame ``dataset2``, if there is one.
    r_device : ImageFolder
        What the script draws, if anything: a PNG for each page of the graphics device.

    Notes
    -----
    The script runs in a process of R, which must be installed: ``apt install r-base-core`` on
    Debian and Ubuntu, ``brew install r`` on macOS, ``winget install RProject.R`` on Windows.
    Packages are those of your R library; steps don't install any. Printed output is in the log of
    the step, with the calls that led to an error.

    Numbers, texts, and missing values are exchanged without loss. Integers are ``integer``,
    and ``numeric`` if one has more than 31 bits. Categories are factors, in their order;
    categories that aren't text become text. Dates and times are ``POSIXct``, in UTC if
    they have no time zone; a returned ``Date`` is a datetime. Row names are dropped. Roles, such
    as the label, are restored for columns that keep their name.

    Drawing needs no display. Only the pages of the default device are collected; files that the
    script writes itself are lost with its temporary folder. Up to 50 pictures are kept.

    A step with the same script and inputs is reused. Turn on Regenerate output for a script
    that depends on the clock or on other files.

    Unlike in Azure ML designer, the second table has a separate output, and an empty seed
    isn't the clock.
    """
    from modules.r_language._pictures import collected
    from modules.r_language._rscript import session

    report_progress(0.0, "Running R")
    given = {"dataset1": dataset1, "dataset2": dataset2}
    frames = {port: table.frame for port, table in given.items() if table is not None}
    with session() as running:
        if script_bundle is not None:
            extract_bundle(script_bundle.folder, running.current / BUNDLE)
        first, second = running.run(script, seed, frames)
        pictures = collected(running.plots)
    return (
        table_with_roles(first, dataset1, dataset2),
        table_with_roles(second, dataset2, dataset1),
        pictures,
    )

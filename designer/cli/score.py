"""``designer score``: score a file with a deployed model, without a server."""

from __future__ import annotations

from pathlib import Path

import click

from designer.cli.deploy import as_click
from designer.cli.output import print_json


@click.command()
@click.argument("package", metavar="PACKAGE_OR_NAME")
@click.option(
    "--data",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The rows: CSV, TSV, Parquet, ARFF, JSON lines or Excel.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The file to write: .csv, .tsv, .parquet or .jsonl.",
)
@click.option(
    "--skip-incomplete", is_flag=True, help="Leave out rows that lack a value the model needs."
)
@click.option(
    "--allow-code", is_flag=True, help="Let the author's own code in a package that you got run."
)
@click.option(
    "--workspace",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="The workspace folder to use.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def score(
    package: str,
    data: Path,
    output: Path,
    skip_incomplete: bool,
    allow_code: bool,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Score every row of a file with a scoring package or the endpoint NAME.

    The endpoint need not run. Columns that the model does not know are in the result.
    """
    from designer.serving import Endpoints, ServingError
    from designer.serving.batch import score_file
    from designer.workspace import Workspace

    try:
        place = Path(package)
        own = not (place / "MANIFEST.json").is_file()
        if own:
            place = Endpoints(Workspace(folder)).package(package)
        made = score_file(
            place, data, output, skip_incomplete=skip_incomplete, allow_code=own or allow_code
        )
    except ServingError as error:
        raise as_click(error) from error
    if as_json:
        print_json(made.to_json())
        return
    left = f" {made.left_out} rows were left out." if made.left_out else ""
    click.echo(f"{made.rows} rows were scored into “{output}”.{left}")

"""``designer score``: score a file with a deployed model, without a server."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from designer.cli.commands.deploy import allow_option, as_click
from designer.cli.listing import (
    examples,
    json_option,
    readable_workspace,
    workspace_option,
)
from designer.cli.output import print_json


@click.command(
    epilog=examples(
        "designer score prices --data new.csv -o scored.csv",
        "designer score prices --data new.parquet -o scored.parquet --bad-rows keep",
        "designer score ./package --data input1=new.csv -o scored.jsonl",
    )
)
@click.argument("package", metavar="PACKAGE_OR_NAME")
@click.option(
    "--data",
    "files",
    metavar="[INPUT=]FILE",
    multiple=True,
    required=True,
    help="Rows to score: CSV, TSV, Parquet, ARFF, JSON lines, or Excel. For a model with several "
    "inputs, one file each, as INPUT=FILE.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="File to write: .csv, .tsv, .parquet, or .jsonl. For several outputs, each gets a file "
    "beside it with the output's name.",
)
@click.option(
    "--bad-rows",
    type=click.Choice(["refuse", "leave-out", "keep"]),
    default="refuse",
    show_default=True,
    help="What to do with rows that can't be scored: reject the file, leave them out, or keep "
    "them with the reason.",
)
@allow_option("the package")
@workspace_option
@json_option
def score(
    package: str,
    files: tuple[str, ...],
    output: Path,
    bad_rows: str,
    allow: tuple[str, ...],
    folder: Path | None,
    as_json: bool,
) -> None:
    """Score every row of a file with a scoring package or the endpoint NAME.

    The endpoint doesn't have to be running. Columns that the model doesn't use are kept. What is
    allowed once is remembered as long as the package doesn't change.
    """
    from designer.deployment import Endpoints, ServingError
    from designer.deployment.batch.batch import score_file
    from designer.deployment.consent import agreed_effects
    from designer.workspace import Workspace

    data = _data(files)
    try:
        source = Path(package)
        own = not (source / "MANIFEST.json").is_file()
        if own:
            endpoints = Endpoints(readable_workspace(folder, "endpoints"))
            source = endpoints.package(package)
            allowed = endpoints.records.allowed(package) | set(allow)
        else:
            allowed = agreed_effects(Workspace(folder), source, allow)
        with _progress() as on_progress:
            made = score_file(
                source,
                data,
                output,
                bad_rows=bad_rows,  # type: ignore[arg-type]
                allowed=allowed,
                on_progress=on_progress,
            )
    except ServingError as error:
        raise as_click(error) from error
    except OSError as error:
        raise click.ClickException(f"“{output}” can't be written: {error.strerror}.") from error
    if as_json:
        print_json(made.to_json())
        return
    written = " and ".join(f"“{file}”" for file in made.files.values())
    kept = "kept with the reason" if bad_rows == "keep" else "left out"
    more = f" {made.bad_rows:,} rows couldn't be scored; they are {kept}." if made.bad_rows else ""
    scored = made.rows - (made.bad_rows if bad_rows == "keep" else 0)
    click.echo(f"{scored:,} rows were scored into {written}.{more}")


def _data(files: tuple[str, ...]) -> Path | dict[str, Path]:
    """Return the file, or the file of each input."""
    if len(files) == 1 and (Path(files[0]).exists() or "=" not in files[0]):
        return Path(files[0])
    named = {}
    for text in files:
        name, found, path = text.partition("=")
        if not found or not name or name in named:
            raise click.UsageError("With several files, name each once as --data INPUT=FILE.")
        named[name] = Path(path)
    return named


@contextmanager
def _progress() -> Iterator[Callable[[int, int], object]]:
    """Yield a callback that shows the progress on a terminal."""
    if not sys.stderr.isatty():
        yield lambda done, count: None
        return

    def show(done: int, count: int) -> None:
        click.echo(f"\r{done:,} of {count:,} rows", nl=False, err=True)

    try:
        yield show
    finally:
        click.echo("\r\033[K", nl=False, err=True)

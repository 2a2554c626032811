"""``designer extras``: libraries that single modules need."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import click

from designer.cli.errors import InputError
from designer.cli.listing import ListGroup, examples, json_option, print_grid
from designer.cli.output import print_json

if TYPE_CHECKING:
    from designer.extras import Installation


@click.group(cls=ListGroup)
def extras() -> None:
    """Install libraries that single modules need, and list them."""


@extras.command("list", epilog=examples("designer extras list", "designer extras list --json"))
@json_option
def list_extras(as_json: bool) -> None:
    """List the extras, whether they are installed, and the modules that need them."""
    from designer.catalog import load_catalog
    from designer.extras import extra_of
    from designer.extras import extras as known

    users: dict[str, list[str]] = {}
    for spec in load_catalog().values():
        for each in spec.all_requirements:
            extra = extra_of([each])
            if extra is not None and spec.title not in users.setdefault(extra.name, []):
                users[extra.name].append(spec.title)
    found: list[dict[str, Any]] = [
        {
            "name": extra.name,
            "installed": not extra.missing,
            "requires": list(extra.requirements),
            "modules": sorted(users.get(extra.name, [])),
        }
        for extra in known().values()
    ]
    if as_json:
        print_json(found)
        return
    if not found:
        click.echo("There are no extras.")
        return
    rows = [
        (
            str(each["name"]),
            "yes" if each["installed"] else "no",
            ", ".join(each["modules"] or each["requires"]),
        )
        for each in found
    ]
    print_grid(("Extra", "Installed", "For"), rows)


@extras.command("install", epilog=examples("designer extras install text forecasting"))
@click.argument("names", nargs=-1, required=True)
def install_extras(names: tuple[str, ...]) -> None:
    """Install the extras NAMES into the Python that runs this command.

    Uses its pip, or uv, with your settings of them. Packages that are installed already keep
    their versions.
    """
    from designer.extras import Installation
    from designer.extras import extras as known
    from designer.pipeline.problem import near

    found = known()
    for name in names:
        if name not in found:
            raise InputError(f"There is no extra “{name}”.", near(name, found, "extras"))
    wanted = [each for name in names for each in found[name].missing]
    if not wanted:
        click.echo("Everything is installed already.")
        return
    try:
        installation = Installation(wanted)
    except RuntimeError as error:
        raise click.ClickException(str(error)) from None
    with contextlib.closing(installation):
        problem = installation.problem(_run(installation))
    if problem:
        raise click.ClickException(problem)
    click.echo(f"Installed: {', '.join(names)}.")


def _run(installation: Installation) -> int:
    """Run the installer and show what it does; return its exit status."""
    from designer.extras import environment

    process = subprocess.Popen(
        installation.command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=environment(),
        # A cancelled command ends what the installer has started too.
        start_new_session=os.name != "nt",
    )
    said = ""
    try:
        assert process.stdout is not None
        for line in process.stdout:
            progress = installation.read(line)
            if progress is not None and progress.text != said:
                said = progress.text
                click.echo(f"{said} …", err=True)
        return process.wait()
    except BaseException:
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                process.terminate()
            else:
                os.killpg(process.pid, signal.SIGTERM)
        process.wait()
        raise

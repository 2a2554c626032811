"""``designer lineage``: what a run, model, or endpoint comes from."""

from __future__ import annotations

from pathlib import Path

import click

from designer.cli.listing import (
    click_error,
    examples,
    json_option,
    readable_workspace,
    workspace_option,
)
from designer.cli.output import print_json


@click.command(
    epilog=examples(
        "designer lineage latest",
        "designer lineage prices",
        "designer lineage model:prices@3 --json",
        "designer lineage endpoint:prices",
    )
)
@click.argument("subject", metavar="NAME|RUN")
@workspace_option
@json_option
def lineage(subject: str, folder: Path | None, as_json: bool) -> None:
    """Show what a run, model, or endpoint comes from: the exact data and code.

    NAME is a registered model or an endpoint, NAME@2 its version 2; RUN is a run's id, the
    beginning of one, or “latest”. Use the prefixes run:, model:, and endpoint: for equal names.
    """
    from designer.lineage.tracing import trace
    from designer.tracking.settings import TrackingError

    workspace = readable_workspace(folder, "")
    try:
        found = trace(workspace, subject)
    except TrackingError as error:
        raise click_error(error) from None
    if as_json:
        print_json(found.to_json())
    else:
        click.echo(found.text())

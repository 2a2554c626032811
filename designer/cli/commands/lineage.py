"""``designer lineage``: what a result comes from, and what uses a dataset."""

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
        "designer lineage latest/score_model",
        "designer lineage dataset:prices@2",
    )
)
@click.argument("subject", metavar="NAME|RUN[/STEP]")
@workspace_option
@json_option
def lineage(subject: str, folder: Path | None, as_json: bool) -> None:
    """Show what a result, model, or endpoint comes from: the exact data and code.

    NAME is a registered model or an endpoint, NAME@2 its version 2; RUN is a run's id, the
    beginning of one, or “latest”, RUN/STEP a result of its, RUN/STEP.PORT one output. Of a
    registered dataset, what uses it is shown: runs, models, and endpoints. Use the prefixes run:,
    result:, model:, endpoint:, and dataset: for equal names.
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

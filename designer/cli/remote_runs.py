"""``designer runs follow`` and ``designer runs cancel``: runs on Azure ML."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.azure.clouds import CLOUDS
from designer.azure.sign_in import SIGN_INS
from designer.cli.errors import InputError
from designer.cli.listing import examples, json_option, workspace_option
from designer.cli.output import print_json
from designer.cli.run_report import on_interrupt, print_problems, print_summary

if TYPE_CHECKING:
    from designer.azure.runs.submission import RemoteRunHandle
    from designer.engine import RunResult

# Repeated here, so that showing help doesn't import anything of Azure.
TARGETS = ("azureml-v1", "azureml-v2")
FETCH = ("all", "reports", "none")

LEFT = 130
"""Exit status of a command that was interrupted while the run keeps running."""

poll_option = click.option("--poll", type=click.FloatRange(min=0.05), default=5.0, hidden=True)
cloud_option = click.option(
    "--cloud",
    type=click.Choice(list(CLOUDS)),
    help="Cloud of Azure. Default: “cloud” in config.json, or AzureCloud.",
)
_sign_in_option = click.option(
    "--sign-in",
    type=click.Choice(list(SIGN_INS)),
    help="How to sign in to Azure. Default: as when it was submitted.",
)


@click.command(
    epilog=examples("designer runs follow", "designer runs follow latest --fetch reports --json")
)
@click.argument("run", metavar="[RUN]", default="")
@_sign_in_option
@click.option(
    "--fetch",
    type=click.Choice(FETCH),
    help="Outputs to download. Default: as when it was submitted.",
)
@workspace_option
@poll_option
@json_option
@click.pass_context
def follow(
    ctx: click.Context,
    run: str,
    sign_in: str | None,
    fetch: str | None,
    folder: Path | None,
    poll: float,
    as_json: bool,
) -> None:
    """Follow a run on Azure ML, or download its results if it has ended.

    RUN is the id that “designer submit” printed, the start of one, or “latest”. It can be omitted
    if only one run is open. The exit status is that of “designer submit”.
    """
    from designer.azure.runs.remote_record import find_open_run
    from designer.azure.runs.submission import attach
    from designer.cli.run_progress import RunProgress
    from designer.engine.results import read_pipeline
    from designer.workspace import Workspace

    workspace = Workspace(folder)
    with translated_errors():
        run, _ = find_open_run(workspace, run)
        pipeline = read_pipeline(workspace.run_folder(run))
        with RunProgress(pipeline) as progress:
            handle = attach(
                workspace,
                run,
                sign_in=sign_in,
                fetch=fetch,
                on_event=progress.take,
                notify=print_to_stderr,
                poll=poll,
            )
            result = follow_to_the_end(handle, "Following")
    report(ctx, handle, result, as_json)


@click.command(epilog=examples("designer runs cancel", "designer runs cancel latest"))
@click.argument("run", metavar="[RUN]", default="")
@_sign_in_option
@workspace_option
def cancel(run: str, sign_in: str | None, folder: Path | None) -> None:
    """Cancel a run on Azure ML.

    Its outputs so far can be downloaded with “designer runs follow”.
    """
    from designer.azure.runs.submission import cancel as end
    from designer.workspace import Workspace

    with translated_errors():
        run = end(Workspace(folder), run, sign_in=sign_in, notify=print_to_stderr)
    click.echo(f"The run is being cancelled. Download its outputs: designer runs follow {run}")


def follow_to_the_end(handle: RemoteRunHandle, what: str) -> RunResult | None:
    """Report the run's URL, and wait for its end.

    Returns None if an interrupt came first: the run keeps running.
    """
    from designer.azure.errors import AzureError

    try:
        with on_interrupt(handle.leave):
            print_to_stderr(f"{what}: {handle.url}")
            while not handle.done:
                handle.wait(0.5)
        return handle.wait(0)
    except AzureError as error:
        # It was submitted, so this isn't an error of the input.
        hint = f"{error.hint} " if error.hint else ""
        raise click.ClickException(
            f"{error.message}\nHint: {hint}Then: designer runs follow {handle.id}"
        ) from None


def report(
    ctx: click.Context, handle: RemoteRunHandle, result: RunResult | None, as_json: bool
) -> None:
    """Report a run and exit with its status."""
    azure = {"run": handle.remote_id, "url": handle.url}
    if result is None:
        if as_json:
            print_json({"run": handle.id, "status": "running", "azure": azure})
        print_to_stderr(
            f"The run keeps running on Azure ML. Follow it: designer runs follow {handle.id}. "
            f"Cancel it: designer runs cancel {handle.id}."
        )
        ctx.exit(LEFT)
    if as_json:
        print_json(result.to_json() | {"azure": azure})
    else:
        print_summary(result)
    ctx.exit(0 if result.status == "completed" else 1)


@contextmanager
def translated_errors() -> Iterator[None]:
    """Translate errors of a pipeline or of Azure to exit status 2."""
    from designer.azure.errors import AzureError
    from designer.packaging.errors import PackagingError

    try:
        yield
    except PackagingError as error:
        print_problems(error.problems)
        raise click.exceptions.Exit(2) from None
    except AzureError as error:
        raise InputError(error.message, error.hint) from None


def print_to_stderr(text: str, **_: Any) -> None:
    """Print something that isn't a result."""
    click.echo(text, err=True)

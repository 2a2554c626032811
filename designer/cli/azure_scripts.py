"""Scripts on Azure ML, for the command line."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from designer.cli.errors import InputError
from designer.cli.listing import near_file
from designer.cli.remote_runs import print_to_stderr, translated_errors
from designer.cli.run_report import on_interrupt

if TYPE_CHECKING:
    from designer.engine.results import RunResult
    from designer.scripts.configuration import ScriptConfiguration
    from designer.workspace import Workspace


def run_on_azure(
    configuration: ScriptConfiguration,
    file: Path,
    config_path: Path | None,
    sign_in: str,
    poll: float,
    workspace: Workspace,
) -> RunResult:
    """Run a script on Azure ML and follow it to its end; Ctrl+C cancels it."""
    from designer.azure.runs.submission import SubmissionTarget
    from designer.azure.scripts.configured_run import run_configured
    from designer.azure.workspace import read_config

    cancelled = threading.Event()

    def interrupted() -> None:
        click.echo("Cancelling…", err=True)
        cancelled.set()

    with translated_errors():
        config = read_config(config_path or near_file(file, "config.json"))
        destination = SubmissionTarget(configuration.target, config, sign_in=sign_in)
        with on_interrupt(cancelled.set, on_ctrl_c=interrupted):
            return run_configured(
                configuration,
                destination,
                workspace,
                on_line=print_to_stderr,
                cancel=cancelled,
                poll=poll,
                notify=print_to_stderr,
            )


def compile_for_azure(
    configuration: ScriptConfiguration,
    target: str,
    folder: Path,
    workspace: Workspace,
    *,
    force: bool,
) -> None:
    """Write the job of a script into a folder, and print how to submit it."""
    from designer.azure.compile.problems import FolderError, check_sdk
    from designer.azure.scripts.compiled_script import JOB, SUBMIT, compile_script
    from designer.scripts.configuration import check

    check(configuration, workspace)
    with translated_errors():
        check_sdk(target.removeprefix("azureml-"))
        try:
            compile_script(configuration, workspace, target, folder, force=force)
        except FolderError as error:
            raise InputError(error.message, error.hint) from None
    start = (
        f"Put the config.json of your workspace there, then: python {SUBMIT}"
        if target == "azureml-v1"
        else f"Send it with: az ml job create --file {JOB}"
    )
    click.echo(f"“{folder}” contains the job. {start}")

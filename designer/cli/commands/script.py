"""``designer script``: your own scripts as runs."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.azure.sign_in import SIGN_INS
from designer.cli.errors import InputError
from designer.cli.listing import (
    FullHelpGroup,
    examples,
    json_option,
    readable_workspace,
    workspace_option,
)
from designer.cli.output import print_json
from designer.cli.remote_runs import TARGETS, poll_option
from designer.cli.script_options import configuration_of, script_options

if TYPE_CHECKING:
    from designer.engine.results import RunResult
    from designer.scripts.configuration import ScriptConfiguration
    from designer.workspace import Workspace


@click.group(cls=FullHelpGroup)
def script() -> None:
    """Run your own scripts, unchanged, on this computer, a cluster, or Azure ML.

    FILE is a script, or a run configuration (.yml) that “save” has written.
    """


@script.command(
    epilog=examples(
        "designer script run train.py --arguments '--rate 0.1'",
        "designer script run train.py --output model -- --save '${{outputs.model}}'",
        "designer script run train.py --input data=a.csv -- '${{inputs.data}}'",
        "designer script run train.py --environment requirements.txt",
        "designer script run train.yml --compute azureml-v2:cpu-cluster",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@script_options
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    help="On Azure: the config.json of the Azure ML workspace. Default: the one beside FILE, or "
    "in the current folder.",
)
@click.option(
    "--sign-in",
    type=click.Choice(list(SIGN_INS)),
    default="browser",
    show_default=True,
    help="On Azure: how to sign in; credentials aren't stored.",
)
@poll_option
@workspace_option
@json_option
@click.pass_context
def run(
    ctx: click.Context,
    /,
    file: Path,
    config_path: Path | None,
    sign_in: str,
    poll: float,
    folder: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Run a script and record the run.

    The script runs in its own folder and isn't changed. Its output goes to stderr, results to
    stdout. Metrics that it logs with MLflow and the folders that it writes are kept with the run.
    Ctrl+C interrupts it. The exit status is 0 if the script ended with 0, 1 if it failed or was
    cancelled, and 2 if an option is wrong.
    """
    workspace = readable_workspace(folder, "")
    with _translated():
        configuration = configuration_of(file, **options)
        if configuration.compute.startswith(TARGETS):
            from designer.cli.azure_scripts import run_on_azure

            result = run_on_azure(configuration, file, config_path, sign_in, poll, workspace)
        else:
            result = _run_here(configuration, workspace)
    if as_json:
        print_json(result.to_json())
    else:
        _print(result)
    ctx.exit(0 if result.status == "completed" else 1)


@script.command(
    epilog=examples(
        "designer script save train.py train.yml --output model=models",
        "designer script save train.yml gpu.yml --compute azureml-v2:gpu",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("config", type=click.Path(path_type=Path))
@script_options
@workspace_option
def save(file: Path, config: Path, folder: Path | None, **options: Any) -> None:
    """Save how FILE is run as the run configuration CONFIG, a small YAML file."""
    from designer.scripts.configuration import check
    from designer.scripts.configuration_file import SUFFIXES, write_configuration

    if config.suffix not in SUFFIXES:
        raise InputError(f"“{config}” isn't a name for a run configuration.", "Use NAME.yml.")
    with _translated():
        configuration = configuration_of(file, **options)
        check(configuration, readable_workspace(folder, ""))
        write_configuration(configuration, config)
    click.echo(f"Saved. Run it with: designer script run {config}")


@script.command(epilog=examples("designer script show train.yml"))
@click.argument("config", type=click.Path(path_type=Path))
@workspace_option
@json_option
def show(config: Path, folder: Path | None, as_json: bool) -> None:
    """Show a run configuration, and whether it can run. Nothing is executed."""
    from designer.scripts.configuration import check
    from designer.scripts.configuration_file import join_arguments, read_configuration
    from designer.scripts.problem import ScriptError
    from designer.scripts.script_record import plain

    with _translated():
        configuration = read_configuration(config)
    problem = None
    try:
        check(configuration, readable_workspace(folder, ""))
    except ScriptError as error:
        problem = {"message": error.message, "hint": error.hint}
    content = plain(configuration)
    if as_json:
        print_json(content | {"problem": problem})
        return
    for name, value in content.items():
        if isinstance(value, dict):
            for key, path in value.items():
                click.echo(f"{name.removesuffix('s')} {key}: {path or '(new for each run)'}")
        elif isinstance(value, list):
            click.echo(f"{name}: {join_arguments(value)}")
        elif value not in (None, ""):
            click.echo(f"{name}: {value}")
    if problem:
        click.echo(f"Error: {problem['message']}\nHint: {problem['hint']}", err=True)


@script.command(
    epilog=examples(
        "designer script compile train.yml --to azureml-v2 -o job",
        "designer script compile train.py --to azureml-v1 -o job",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "target",
    type=click.Choice(TARGETS),
    required=True,
    help="SDK that the files are for.",
)
@click.option(
    "-o",
    "folder_out",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder to write.",
)
@click.option("--force", is_flag=True, help="Write to a folder that contains other files.")
@script_options
@workspace_option
def compile(
    file: Path,
    target: str,
    folder_out: Path,
    force: bool,
    folder: Path | None,
    **options: Any,
) -> None:
    """Write the job of a script for Azure Machine Learning.

    This needs no network and no sign-in. The folder contains the code, the environment, the data,
    and the job: submit.py with a ScriptRunConfig for SDK v1, job.yml for SDK v2.
    """
    from designer.cli.azure_scripts import compile_for_azure

    with _translated():
        configuration = configuration_of(file, **options)
        workspace = readable_workspace(folder, "")
        compile_for_azure(configuration, target, folder_out, workspace, force=force)


def _run_here(configuration: ScriptConfiguration, workspace: Workspace) -> RunResult:
    from designer.cli.run_report import on_interrupt
    from designer.scripts.script_run import run_script

    cancelled = threading.Event()

    def interrupted() -> None:
        click.echo("Cancelling…", err=True)
        cancelled.set()

    with on_interrupt(cancelled.set, on_ctrl_c=interrupted):
        return run_script(
            configuration,
            workspace,
            on_line=lambda line: click.echo(line, err=True),
            is_cancelled=cancelled.is_set,
        )


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Turn errors of scripts into those of commands."""
    from designer.scripts.problem import ScriptError

    try:
        yield
    except ScriptError as error:
        if error.wrong_input:
            raise InputError(error.message, error.hint) from None
        hint = f"\nHint: {error.hint}" if error.hint else ""
        raise click.ClickException(f"{error.message}{hint}") from None


def _print(result: RunResult) -> None:
    click.echo(f"Run {result.id} {result.status} in {result.seconds:.1f} s.")
    for step in result.nodes.values():
        for name, output in step.outputs.items():
            click.echo(f"Output {name}: {output.path}")
        if step.error:
            click.echo(f"Error: {step.error['message']}", err=True)
            if step.error.get("hint"):
                click.echo(f"Hint: {step.error['hint']}", err=True)
    for metrics in result.metrics.values():
        for name, value in metrics.items():
            click.echo(f"{name}: {'undefined' if value is None else f'{value:.6g}'}")

"""``designer submit``: run the pipeline in a file on Azure Machine Learning."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.azure.sign_in import SIGN_INS
from designer.cli.errors import InputError
from designer.cli.listing import examples, json_option, modules_of, near_file
from designer.cli.output import print_json
from designer.cli.remote_runs import (
    FETCH,
    TARGETS,
    cloud_option,
    follow_to_the_end,
    poll_option,
    print_to_stderr,
    report,
    translated_errors,
)
from designer.cli.run_report import ProblemsError
from designer.cli.run_values import (
    dataset_option,
    given_values,
    nodes_until,
    parameters_option,
    until_option,
)

if TYPE_CHECKING:
    from designer.azure.runs.submission import (
        RemoteRunHandle,
        Schedule,
        SubmissionTarget,
        Submitted,
    )
    from designer.catalog import Catalog
    from designer.engine import RunResult
    from designer.pipeline.model import Pipeline
    from designer.workspace import Workspace


@click.command(
    epilog=examples(
        "designer submit prices.pipeline.json --compute cpu-cluster",
        "designer submit prices.pipeline.json --param rows=1000 --fetch reports",
        "designer submit prices.pipeline.json --no-wait --json",
        "designer submit prices.pipeline.json --schedule all --every '1 day'",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "target",
    type=click.Choice(TARGETS),
    default="azureml-v2",
    show_default=True,
    help="SDK that submits it.",
)
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    help="The config.json of the Azure ML workspace. Default: the one beside FILE, or in the "
    "current folder.",
)
@click.option(
    "--experiment",
    metavar="NAME",
    default="",
    help="Experiment of the run. Default: the name of FILE.",
)
@click.option("--compute", metavar="NAME", help="Compute target. Default: the pipeline's.")
@click.option(
    "--sign-in",
    type=click.Choice(list(SIGN_INS)),
    default="browser",
    show_default=True,
    help="How to sign in to Azure.",
)
@cloud_option
@until_option
@parameters_option
@dataset_option
@click.option(
    "--fetch",
    type=click.Choice(FETCH),
    default="all",
    show_default=True,
    help="Outputs to download: all, evaluations and models, or none.",
)
@click.option("--no-wait", is_flag=True, help="Submit, print the run's URL, and exit.")
@click.option(
    "--publish", metavar="NAME", help="Publish as an endpoint of this name instead of running."
)
@click.option(
    "--schedule",
    "schedule",
    metavar="NAME",
    help="Create a schedule of this name instead of running.",
)
@click.option(
    "--every",
    metavar="'N UNIT'",
    help="With --schedule: interval, for example '1 day' or '2 hours'.",
)
@click.option("--cron", metavar="'M H D M W'", help="With --schedule: cron expression in UTC.")
@click.option(
    "--on-change", metavar="PATH", help="With --schedule: folder of the default datastore to watch."
)
@click.option(
    "--workspace",
    "folder",
    type=click.Path(path_type=Path, file_okay=False, readable=False),
    help="Workspace folder for the results.",
)
@poll_option
@json_option
@click.pass_context
def submit(
    ctx: click.Context,
    file: Path,
    target: str,
    config_path: Path | None,
    experiment: str,
    compute: str | None,
    sign_in: str,
    cloud: str | None,
    until: tuple[str, ...],
    given: tuple[str, ...],
    registered: tuple[str, ...],
    fetch: str,
    no_wait: bool,
    publish: str | None,
    schedule: str | None,
    every: str | None,
    cron: str | None,
    on_change: str | None,
    folder: Path | None,
    poll: float,
    as_json: bool,
) -> None:
    """Run the pipeline in FILE on Azure Machine Learning.

    Metrics, outputs, and models are downloaded to the runs of this computer. The exit status is
    0 if every step succeeded, 1 if one failed or the run was cancelled, 2 if something was wrong
    before anything was submitted. Ctrl+C stops following the run, which keeps running: see
    “designer runs follow” and “designer runs cancel”.
    """
    from designer.azure.compile.data_references import registered_datasets
    from designer.azure.publish.publishing import summary
    from designer.azure.runs.submission import SubmissionTarget
    from designer.azure.workspace import read_config
    from designer.pipeline.file import SUFFIX, read
    from designer.workspace import Workspace

    if publish and schedule:
        raise InputError("--publish and --schedule can't be used together.")
    workspace = Workspace(folder)
    pipeline = _until(read(file, workspace.modules_folder), until)
    name = file.name.removesuffix(SUFFIX)
    with translated_errors():
        when = _when(target, schedule, every, cron, on_change)
        catalog = modules_of(workspace)
        config = read_config(config_path or near_file(file, "config.json"), cloud)
        destination = SubmissionTarget(target, config, experiment, compute, sign_in)
        values = given_values(pipeline, given)
        there = registered_datasets(registered)
        job = _Job(file, name, pipeline, catalog, workspace, destination, values, there)
        if publish or when:
            document = job.make(publish or schedule or "", when)
            if as_json:
                print_json(document)
            else:
                click.echo(summary(document))
            return
        if no_wait:
            sent = job.send(fetch)
            remote = sent.remote
            if as_json:
                print_json({"run": sent.id, "azure": {"run": remote.id, "url": remote.url}})
            else:
                click.echo(f"Submitted: {remote.url}")
                print_to_stderr(f"Follow it: designer runs follow {sent.id}")
            return
        result, handle = job.run(fetch, poll)
    report(ctx, handle, result, as_json)


def _until(pipeline: Pipeline, nodes: tuple[str, ...]) -> Pipeline:
    """Return the part of a pipeline that nodes depend on; all of it without any."""
    from designer.pipeline import edits

    found, problems = nodes_until(pipeline, nodes)
    if problems:
        raise ProblemsError(problems)
    wanted = pipeline.ancestors(found) if nodes else set(pipeline.nodes)
    return edits.remove(pipeline, [each for each in pipeline.nodes if each not in wanted])


class _Job:
    """What is sent, and where to."""

    def __init__(
        self,
        file: Path,
        name: str,
        pipeline: Pipeline,
        catalog: Catalog,
        workspace: Workspace,
        destination: SubmissionTarget,
        parameters: dict[str, Any],
        registered: dict[str, str],
    ) -> None:
        self.file = file
        self.pipeline = pipeline
        self.catalog = catalog
        self.destination = destination
        self.about: dict[str, Any] = {
            "base": file.absolute().parent,
            "workspace": workspace,
            "destination": destination,
            "parameters": parameters,
            "registered": registered,
            "name": name,
        }

    def send(self, fetch: str) -> Submitted:
        """Submit the pipeline without following it."""
        from designer.azure.runs.submission import submit

        return submit(
            self.pipeline,
            self.catalog,
            **self.about,
            source=self.file,
            notify=print_to_stderr,
            fetch=fetch,
        )

    def run(self, fetch: str, poll: float) -> tuple[RunResult | None, RemoteRunHandle]:
        """Submit the pipeline and follow it to its end."""
        from designer.azure.runs.submission import start
        from designer.cli.run_progress import RunProgress

        with RunProgress(self.pipeline) as progress:
            handle = start(
                self.pipeline,
                self.catalog,
                **self.about,
                source=self.file,
                on_event=progress.take,
                notify=print_to_stderr,
                fetch=fetch,
                poll=poll,
            )
            return follow_to_the_end(handle, "Submitted"), handle

    def make(self, name: str, when: Schedule | None) -> dict[str, Any]:
        """Create an endpoint or a schedule of the pipeline."""
        from designer.azure.publish.publishing import publish

        return publish(
            self.pipeline,
            self.catalog,
            **self.about,
            endpoint=name,
            when=when,
            notify=print_to_stderr,
        )


def _when(
    target: str, name: str | None, every: str | None, cron: str | None, on_change: str | None
) -> Schedule | None:
    """Return what --schedule and its companions mean."""
    from designer.azure.publish.schedule import check_schedule, read_schedule

    if name is None:
        if every or cron or on_change:
            raise InputError("--every, --cron and --on-change need --schedule NAME.")
        return None
    when = read_schedule(every or "", cron or "", on_change or "")
    check_schedule(when, target)
    return when

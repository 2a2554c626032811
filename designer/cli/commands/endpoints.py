"""``designer endpoints``: the endpoints on this computer and in Azure."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.cli.commands.deploy import allow_option, as_click
from designer.cli.listing import FullHelpGroup, examples, json_option, workspace_option
from designer.cli.output import print_json

if TYPE_CHECKING:
    from designer.deployment import Endpoints, Status

LANGUAGES = ("python", "curl", "csharp", "r", "javascript")


@click.group(cls=FullHelpGroup, invoke_without_command=True)
@workspace_option
@click.pass_context
def endpoints(ctx: click.Context, folder: Path | None) -> None:
    """List, test, stop, and start endpoints, on this computer and in Azure."""
    ctx.obj = folder
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_all)


def _command(name: str, *lines: str) -> Callable[[Callable[..., None]], click.Command]:
    """Make a sub-command whose function gets the endpoints of the workspace first.

    Parameters
    ----------
    lines : str
        Examples for the end of its help.
    """

    def decorate(function: Callable[..., None]) -> click.Command:
        @endpoints.command(name, epilog=examples(*lines))
        @workspace_option
        @click.pass_context
        @functools.wraps(function)
        def command(ctx: click.Context, /, folder: Path | None, **arguments: Any) -> None:
            from designer.deployment import Endpoints, ServingError
            from designer.workspace import Workspace

            try:
                function(Endpoints(Workspace(folder or ctx.obj)), **arguments)
            except ServingError as error:
                raise as_click(error) from error

        return command

    return decorate


@_command("list", "designer endpoints list", "designer endpoints list --json")
@json_option
def list_all(made: Endpoints, as_json: bool) -> None:
    """List the endpoints and their states.

    For endpoints in Azure, this is the last known state; “show” refreshes it.
    """
    found = made.statuses()
    if as_json:
        print_json([status.to_json() for status in found])
        return
    if not found:
        click.echo("There are no endpoints. Create one: designer deploy FILE --name NAME")
        return
    width = max(len(status.name) for status in found)
    for status in found:
        click.echo(f"{status.name:<{width}}  {status.target:<8}  {_line(status)}")


@_command("show", "designer endpoints show prices")
@click.argument("name")
@json_option
def show(made: Endpoints, name: str, as_json: bool) -> None:
    """Show an endpoint and, if it's running, its metrics."""
    status = made.status(name, refresh=True)
    counted = status.state == "running" and status.port is not None
    metrics = made.metrics(name) if counted else None
    if as_json:
        print_json(status.to_json() | {"metrics": metrics})
        return
    click.echo(_line(status))
    if status.portal:
        click.echo(f"Studio: {status.portal}")
    if metrics:
        latency = metrics["latency_ms"]
        click.echo(
            f"{metrics['requests']} requests, {metrics['errors']} errors, "
            f"p50 {latency['p50']} ms, p99 {latency['p99']} ms"
        )


@_command("test", "designer endpoints test prices", "designer endpoints test prices --data new.csv")
@click.argument("name")
@click.option(
    "--data",
    type=click.Path(path_type=Path, dir_okay=False),
    help="JSON request, or rows in CSV or Parquet. Default: the endpoint's sample.",
)
@json_option
def test(made: Endpoints, name: str, data: Path | None, as_json: bool) -> None:
    """Send a request to an endpoint and print the response.

    The exit status is 1 if the endpoint rejects the request.
    """
    from designer.deployment.requests import read_request

    body = read_request(made.package(name), data)
    started = time.perf_counter()
    status, response = made.send(name, "POST", "/score", body)
    seconds = time.perf_counter() - started
    content = _parsed(response)
    if as_json:
        print_json(
            {"name": name, "status": status, "seconds": round(seconds, 6), "answer": content}
        )
    else:
        print_json(content)
        click.echo(f"Status {status} after {seconds * 1000:.1f} ms.", err=True)
    click.get_current_context().exit(0 if status == 200 else 1)


@_command("logs", "designer endpoints logs prices --lines 20")
@click.argument("name")
@click.option(
    "--lines",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="Number of lines to print.",
)
@json_option
def logs(made: Endpoints, name: str, lines: int, as_json: bool) -> None:
    """Print the end of an endpoint's log."""
    found = made.logs(name, lines)
    if as_json:
        print_json({"name": name, "lines": found})
        return
    for line in found:
        click.echo(line)


@_command("start", "designer endpoints start prices", "designer endpoints start prices --port 8080")
@click.argument("name")
@click.option("--port", type=click.IntRange(1, 65535), help="New port.")
@click.option("--host", help="New address to listen on; 0.0.0.0 for all interfaces.")
@allow_option("the endpoint")
@json_option
def start(
    made: Endpoints,
    name: str,
    port: int | None,
    host: str | None,
    allow: tuple[str, ...],
    as_json: bool,
) -> None:
    """Start an endpoint."""
    from designer.deployment.http_client import is_loopback

    if host is not None and not is_loopback(host):
        click.secho(
            "Warning: anyone who can reach this computer can send requests, and keys and data "
            "travel unencrypted.",
            fg="yellow",
            err=True,
        )
    _print(made.start(name, port=port, host=host, allow=allow), as_json)


@_command("stop", "designer endpoints stop prices")
@click.argument("name")
@json_option
def stop(made: Endpoints, name: str, as_json: bool) -> None:
    """Stop an endpoint."""
    _print(made.stop(name), as_json)


@_command("restart", "designer endpoints restart prices")
@click.argument("name")
@json_option
def restart(made: Endpoints, name: str, as_json: bool) -> None:
    """Stop an endpoint and start it again."""
    _print(made.restart(name), as_json)


@_command("rollback", "designer endpoints rollback prices")
@click.argument("name")
@click.option(
    "--version",
    type=click.IntRange(min=1),
    help="Version to return to. Default: the previous one.",
)
@json_option
def rollback(made: Endpoints, name: str, version: int | None, as_json: bool) -> None:
    """Return to an earlier version of an endpoint."""
    _print(made.rollback(name, version), as_json)


@_command(
    "record",
    "designer endpoints record prices --share 0.2",
    "designer endpoints record prices --share 1 --keep-days 7 --leave-out name",
    "designer endpoints record prices --share 0",
)
@click.argument("name")
@click.option(
    "--share",
    required=True,
    type=click.FloatRange(0, 1),
    help="Share of the requests; 0 to record nothing.",
)
@click.option(
    "--keep-days",
    type=click.IntRange(1, 3650),
    default=30,
    show_default=True,
    help="Days after which recorded requests are deleted.",
)
@click.option("--leave-out", default="", metavar="COLUMNS", help="Columns that aren't recorded.")
@json_option
def record(
    made: Endpoints, name: str, share: float, keep_days: int, leave_out: str, as_json: bool
) -> None:
    """Change what an endpoint on this computer records of requests and their scores."""
    columns = {each.strip() for each in leave_out.split(",")} - {""}
    _print(made.record(name, share, keep_days=keep_days, leave_out=columns), as_json)


@_command("recover", "designer endpoints recover")
@json_option
def recover(made: Endpoints, as_json: bool) -> None:
    """Start all endpoints that should be running, for example after a reboot."""
    found = made.recover()
    if as_json:
        print_json([status.to_json() for status in found])
        return
    for status in found:
        click.echo(f"{status.name}: {_line(status)}")
    if not found:
        click.echo("No endpoints needed to be started.")


@_command("keys", "designer endpoints keys prices")
@click.argument("name")
@click.option(
    "--renew", type=click.Choice(["primary", "secondary"]), help="Key to replace with a new one."
)
@json_option
def keys(made: Endpoints, name: str, renew: Any, as_json: bool) -> None:
    """Print the keys of an endpoint."""
    found = made.renew_key(name, renew) if renew else made.keys(name)
    if as_json:
        print_json({"name": name, "primary": found.primary, "secondary": found.secondary})
        return
    click.echo(f"primary    {found.primary}")
    click.echo(f"secondary  {found.secondary}")


@_command("consume", "designer endpoints consume prices --language curl")
@click.argument("name")
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default="python",
    show_default=True,
    help="Programming language.",
)
@click.option("--with-key", is_flag=True, help="Include the key in the code.")
@json_option
def consume(made: Endpoints, name: str, language: str, with_key: bool, as_json: bool) -> None:
    """Print code that sends a request to an endpoint.

    The code reads the key from the environment variable ENDPOINT_KEY.
    """
    from designer.deployment.requests import sample_request
    from designer.deployment.texts.consume import consume_code

    status = made.status(name)
    sample = sample_request(made.package(name))
    key = made.keys(name).primary if with_key else None
    code = consume_code(language, status.url, sample, key=key)
    if as_json:
        print_json({"name": name, "url": status.url, "language": language, "code": code})
        return
    click.echo(code, nl=False)


@_command("delete", "designer endpoints delete prices")
@click.argument("name")
@click.option(
    "--only-here", is_flag=True, help="Only remove it from this list; it stays where it runs."
)
@json_option
def delete(made: Endpoints, name: str, only_here: bool, as_json: bool) -> None:
    """Stop an endpoint and delete all its versions, also in Azure."""
    from designer.deployment.targets import title_of

    target = next((each.target for each in made.statuses() if each.name == name), "local")
    if target not in ("local", "") and not only_here:
        click.echo(f"Deleting “{name}” ({title_of(target)}) …", err=True)
    made.delete(name, only_here=only_here)
    if as_json:
        print_json({"name": name, "deleted": True})
    else:
        click.echo(f"The endpoint “{name}” was deleted.")


def _print(status: Status, as_json: bool) -> None:
    if as_json:
        print_json(status.to_json())
    else:
        click.echo(f"{status.name}: {_line(status)}")


def _line(status: Status) -> str:
    if status.problem:
        return f"{status.state:<12}  {status.problem}"
    parts = [f"{status.state:<12}", f"version {status.version}", status.url]
    if status.pid is not None:
        parts.append(f"process {status.pid}")
    if status.memory is not None:
        parts.append(f"{status.memory / 1e6:.0f} MB")
    return "  ".join(parts)


def _parsed(response: bytes) -> Any:
    import json

    try:
        return json.loads(response)
    except ValueError:
        return response.decode("utf-8", "replace")

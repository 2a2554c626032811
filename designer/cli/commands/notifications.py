"""``designer notifications``: who is notified of how runs of schedules end."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.cli.errors import InputError
from designer.cli.listing import ListGroup, examples, json_option, print_grid, workspace_option
from designer.cli.output import print_json
from designer.cli.schedule_errors import schedule_errors

if TYPE_CHECKING:
    from designer.scheduling.channels import Channel
    from designer.scheduling.delivery import Notifications

WHEN = ("completed", "failed", "attention")


@click.group(cls=ListGroup)
def notifications() -> None:
    """List, add, and test notifications about the runs of schedules."""


def _command(name: str, *lines: str) -> Callable[[Callable[..., None]], click.Command]:
    """Make a sub-command whose function gets the notifications of the workspace first."""

    def decorate(function: Callable[..., None]) -> click.Command:
        @notifications.command(name, epilog=examples(*lines))
        @workspace_option
        @json_option
        @functools.wraps(function)
        def command(folder: Path | None, **arguments: Any) -> None:
            from designer.scheduling.delivery import Notifications
            from designer.workspace import Workspace

            with schedule_errors():
                function(Notifications(Workspace(folder)), **arguments)

        return command

    return decorate


@_command("list", "designer notifications list")
def list_notifications(found: Notifications, as_json: bool) -> None:
    """List the notifications."""
    every = found.all()
    if as_json:
        print_json([each.to_json() for each in every])
        return
    if not every:
        click.echo("There are no notifications. Add one: designer notifications add me --desktop")
        return
    rows = [
        (
            each.name,
            each.channel.description(),
            ", ".join(each.when),
            "default" if each.default else "",
        )
        for each in every
    ]
    print_grid(("Name", "Channel", "When", ""), rows)


@_command(
    "add",
    "designer notifications add me --desktop --default",
    "designer notifications add team --webhook https://chat.example/hook",
    "designer notifications add chat --webhook secret --secret chat_url",
    "designer notifications add mail --email a@b.org --smtp b.org --secret pw",
    "designer notifications add log --command 'logger $MODELDESK_TITLE'",
)
@click.argument("name")
@click.option("--desktop", is_flag=True, help="Show it on the desktop.")
@click.option("--command", "line", metavar="LINE", help="Shell command to run; see the guide.")
@click.option(
    "--webhook",
    metavar="URL|secret",
    help="URL to send a JSON document to; “secret” if the whole URL is in --secret.",
)
@click.option("--email", "to", metavar="ADDRESS", multiple=True, help="Recipient. Can be repeated.")
@click.option("--smtp", metavar="HOST[:PORT]", help="With --email: server. Default port: 587.")
@click.option(
    "--security",
    type=click.Choice(["starttls", "tls", "none"]),
    default="starttls",
    show_default=True,
    help="With --email: encryption.",
)
@click.option("--user", default="", help="With --email: account on the server.")
@click.option("--from", "sender", default="", help="With --email: sender. Default: the recipient.")
@click.option(
    "--secret",
    default="",
    metavar="NAME",
    help="Secret in the keyring: the password with --email, the token with --webhook.",
)
@click.option(
    "--when",
    type=click.Choice(WHEN),
    multiple=True,
    help="What to report. Can be repeated. Default: everything.",
)
@click.option("--default", "default", is_flag=True, help="Use it for schedules that choose none.")
def add(
    found: Notifications, name: str, when: tuple[Any, ...], default: bool, as_json: bool, **how: Any
) -> None:
    """Add a notification, or replace the one called NAME."""
    from designer.scheduling.delivery import Notification, check_name

    check_name(name)
    made = Notification(name=name, channel=_channel(**how), when=when or WHEN, default=default)
    found.put(made)
    if as_json:
        print_json(made.to_json())
    else:
        click.echo(
            f"The notification “{name}” was added. Test it: designer notifications test {name}"
        )


@_command("test", "designer notifications test me")
@click.argument("name")
def test(found: Notifications, name: str, as_json: bool) -> None:
    """Send a test message."""
    from designer.scheduling.news import News

    news = News("test", "test.pipeline.json", "completed", reason="This is a test.")
    found.get(name).channel.send(news)
    if as_json:
        print_json({"name": name, "sent": True})
    else:
        click.echo("The test message was sent.")


@_command("remove", "designer notifications remove me")
@click.argument("name")
def remove(found: Notifications, name: str, as_json: bool) -> None:
    """Remove a notification."""
    found.remove(name)
    if as_json:
        print_json({"name": name, "removed": True})
    else:
        click.echo(f"The notification “{name}” was removed.")


def _channel(
    desktop: bool,
    line: str | None,
    webhook: str | None,
    to: tuple[str, ...],
    smtp: str | None,
    security: Any,
    user: str,
    sender: str,
    secret: str,
) -> Channel:
    """Return the channel that the options describe."""
    from designer.scheduling.channels import Command, Desktop, Email, Webhook

    if sum(map(bool, (desktop, line, webhook, to))) != 1:
        raise InputError(
            "A notification has one channel.",
            "Use --desktop, --command, --webhook, or --email.",
        )
    if desktop:
        return Desktop()
    if line:
        return Command(command=line)
    if webhook == "secret":
        if not secret:
            raise InputError("The URL of the webhook is missing.", "Name it with --secret.")
        return Webhook(secret=secret)
    if webhook:
        return Webhook(url=webhook, secret=secret)
    host, _, port = (smtp or "").partition(":")
    if not host or (port and not port.isdigit()):
        raise InputError("--email needs a server.", "Use --smtp smtp.example.org:587.")
    usual = {"starttls": 587, "tls": 465, "none": 25}
    return Email(
        to=to,
        host=host,
        port=int(port) if port else usual[security],
        security=security,
        user=user,
        secret=secret,
        sender=sender,
    )

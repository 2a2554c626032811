"""The ways in which a notification is sent: desktop, command, webhook, and e-mail."""

from __future__ import annotations

import json
import os
import smtplib
import ssl
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from email.message import EmailMessage
from typing import Annotated, Literal

from pydantic import Field

from designer.records import Record
from designer.scheduling.errors import ScheduleError
from designer.scheduling.news import News

PATIENCE = 30.0
"""Seconds that a server or a command may take."""

When = Literal["completed", "failed", "attention"]
"""What is sent: a run completed, failed (or was interrupted), or needs the user's attention."""


class Desktop(Record):
    """A notification of the desktop."""

    kind: Literal["desktop"] = "desktop"

    def description(self) -> str:
        """Return where it is sent."""
        return "Desktop"

    def send(self, news: News) -> None:
        """Show it.

        Raises
        ------
        ScheduleError
            If the desktop has no program for that, or it failed.
        """
        _run(_desktop_command(news), news)


class Command(Record):
    """A program that gets what happened in environment variables.

    Parameters
    ----------
    command : str
        A line for the shell.
    """

    kind: Literal["command"] = "command"
    command: str

    def description(self) -> str:
        """Return where it is sent."""
        return f"Command: {self.command}"

    def send(self, news: News) -> None:
        """Run it and wait for its end.

        Raises
        ------
        ScheduleError
            If it fails or takes too long.
        """
        _run(self.command, news)


class Webhook(Record):
    """A POST request with a JSON document.

    Parameters
    ----------
    url : str
        Where it is sent; empty if the URL itself is the secret, as chat services have it.
    secret : str
        The name of a secret: a token that is sent as ``Authorization: Bearer``, or without
        ``url`` the whole URL. May be empty.
    """

    kind: Literal["webhook"] = "webhook"
    url: str = ""
    secret: str = ""

    def description(self) -> str:
        """Return where it is sent."""
        return f"Webhook: {self.url or f'URL in the secret “{self.secret}”'}"

    def send(self, news: News) -> None:
        """Send it.

        Raises
        ------
        ScheduleError
            If it isn't accepted, or the secret is missing.
        """
        token = _secret(self.secret) if self.secret else ""
        url = self.url or token
        if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
            raise ScheduleError(
                "The URL of the webhook isn't one of a web server.", "Use http:// or https://."
            )
        headers = {"Content-Type": "application/json", "User-Agent": "ModelDesk"}
        if self.url and token:
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(url, json.dumps(news.to_json()).encode(), headers)
        host = urllib.parse.urlsplit(url).hostname
        try:
            urllib.request.build_opener(_NoRedirect).open(request, timeout=PATIENCE).close()
        except urllib.error.HTTPError as error:
            error.close()
            raise ScheduleError(
                f"“{host}” rejected the notification: HTTP {error.code} {error.reason}.",
                "Check the URL and the secret.",
            ) from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise ScheduleError(
                f"“{host}” can't be reached: {reason}.", "Check the URL and the network."
            ) from None


class Email(Record):
    """A mail through an SMTP server.

    Parameters
    ----------
    security : str
        ``starttls``, ``tls``, or ``none``: a password is never sent without encryption.
    user, secret : str
        The account, and the name of the secret with its password; empty for none.
    sender : str
        An address; default: the first recipient.
    """

    kind: Literal["email"] = "email"
    to: tuple[str, ...] = Field(min_length=1, strict=False)
    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    secret: str = ""
    sender: str = ""

    def description(self) -> str:
        """Return where it is sent."""
        return f"E-mail to {', '.join(self.to)} through {self.host}"

    def send(self, news: News) -> None:
        """Send it.

        Raises
        ------
        ScheduleError
            If the server can't be reached or rejects it, or the secret is missing.
        """
        password = _secret(self.secret) if self.secret else ""
        if password and self.security == "none":
            raise ScheduleError(
                f"The password for “{self.host}” isn't sent without encryption.",
                "Use STARTTLS or TLS.",
            )
        mail = EmailMessage()
        mail["Subject"] = news.title
        mail["From"] = self.sender or self.to[0]
        mail["To"] = ", ".join(self.to)
        mail.set_content(f"{news.title}\n\n{news.details}\n")
        context = ssl.create_default_context()
        try:
            if self.security == "tls":
                server: smtplib.SMTP = smtplib.SMTP_SSL(
                    self.host, self.port, timeout=PATIENCE, context=context
                )
            else:
                server = smtplib.SMTP(self.host, self.port, timeout=PATIENCE)
            with server:
                if self.security == "starttls":
                    server.starttls(context=context)
                if password:
                    server.login(self.user, password)
                server.send_message(mail)
        except smtplib.SMTPAuthenticationError:
            raise ScheduleError(
                f"“{self.host}” rejected the account “{self.user}”.",
                "Check the user and the secret with the password.",
            ) from None
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise ScheduleError(
                f"“{self.host}” didn't accept the mail: {error}.",
                "Check the server, the port, the encryption, and the addresses.",
            ) from None


Channel = Annotated[Desktop | Command | Webhook | Email, Field(discriminator="kind")]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Sends a token to no other server than the one that was chosen."""

    def redirect_request(self, *_: object) -> None:
        return None


def _secret(name: str) -> str:
    from modules.contract import ModuleError, secret

    try:
        return secret(name)
    except ModuleError as error:
        raise ScheduleError(error.message, error.hint) from None


def _run(command: str | list[str], news: News) -> None:
    name = command if isinstance(command, str) else command[0]
    try:
        done = subprocess.run(
            command,
            shell=isinstance(command, str),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=PATIENCE,
            env=os.environ | news.variables(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            check=False,
        )
    except FileNotFoundError:
        raise ScheduleError(
            f"The program “{name}” isn't installed.", "Install it, or choose another notification."
        ) from None
    except subprocess.TimeoutExpired:
        raise ScheduleError(
            f"The command “{name}” took longer than {PATIENCE:.0f} seconds.",
            "Let it start what takes long, and end.",
        ) from None
    except OSError as error:
        raise ScheduleError(f"The command “{name}” can't run: {error.strerror}.") from None
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = f": {lines[-1][:200]}" if lines else ""
        raise ScheduleError(
            f"The command “{name}” failed with exit status {done.returncode}{reason}.",
            "Run it in a terminal to find out why.",
        )


def _desktop_command(news: News) -> list[str]:
    if sys.platform == "darwin":
        script = (
            "on run argv\ndisplay notification (item 2 of argv) with title (item 1 of argv)\nend"
        )
        return ["osascript", "-e", script, news.title, news.details]
    if sys.platform == "win32":
        return ["powershell", "-NoProfile", "-NonInteractive", "-Command", _TOAST]
    urgency = "normal" if news.status == "completed" else "critical"
    options = ["--app-name=ModelDesk", f"--urgency={urgency}"]
    return ["notify-send", *options, "--", news.title, news.details]


# The texts come from the environment: they are never part of the program.
_TOAST = """
$manager = [Windows.UI.Notifications.ToastNotificationManager,
  Windows.UI.Notifications, ContentType = WindowsRuntime]
$t = $manager::GetTemplateContent('ToastText02')
$n = $t.GetElementsByTagName('text')
$n.Item(0).AppendChild($t.CreateTextNode($env:MODELDESK_TITLE)) > $null
$n.Item(1).AppendChild($t.CreateTextNode($env:MODELDESK_DETAILS)) > $null
$toast = [Windows.UI.Notifications.ToastNotification]::new($t)
$manager::CreateToastNotifier('ModelDesk').Show($toast)
"""

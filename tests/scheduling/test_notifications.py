"""Notifications, sent to real servers on this computer."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from designer.scheduling.channels import Command, Desktop, Email, Webhook
from designer.scheduling.delivery import Notification, Notifications, notify
from designer.scheduling.errors import ScheduleError
from designer.scheduling.news import News
from designer.scheduling.schedule import Schedule
from designer.scheduling.times import read_cron
from designer.workspace import Workspace

NEWS = News("nightly", "/data/prices.pipeline.json", "failed", "r-1", "“a” is missing.", 1e9)


@pytest.fixture
def web():
    """A web server that remembers requests and answers with the status in the path."""
    requests = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            requests.append((self.path, dict(self.headers), json.loads(body)))
            self.send_response(int(self.path.strip("/") or 200))
            self.send_header("Location", f"http://127.0.0.1:{server.server_port}/200")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", requests
    server.shutdown()
    thread.join()
    server.server_close()


class Mailbox:
    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(envelope)
        return "250 OK"


def free_port() -> int:
    """Return a port of this computer that no program uses."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture
def mailbox():
    """A mail server without encryption."""
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    box.port = controller.port
    yield box
    controller.stop()


def test_a_webhook_gets_what_happened(web, monkeypatch):
    url, requests = web
    monkeypatch.setenv("MODELDESK_SECRET_TOKEN", "s3cret")
    Webhook(url=url, secret="token").send(NEWS)
    ((_, headers, document),) = requests
    assert headers["Authorization"] == "Bearer s3cret"
    assert headers["Content-Type"] == "application/json"
    assert document["text"] == "Failed: prices (schedule nightly)\n“a” is missing."
    assert (document["status"], document["run"]) == ("failed", "r-1")
    # A chat service's whole URL is the secret.
    monkeypatch.setenv("MODELDESK_SECRET_CHAT", url)
    Webhook(secret="chat").send(NEWS)
    assert "Authorization" not in requests[-1][1]


def test_a_webhook_that_fails(web, monkeypatch):
    url, requests = web
    with pytest.raises(ScheduleError, match=r"rejected the notification: HTTP 500"):
        Webhook(url=f"{url}/500").send(NEWS)
    # A redirection could send the token elsewhere.
    with pytest.raises(ScheduleError, match="HTTP 302"):
        Webhook(url=f"{url}/302").send(NEWS)
    assert len(requests) == 2
    with pytest.raises(ScheduleError, match="can't be reached"):
        Webhook(url="http://127.0.0.1:9/").send(NEWS)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    with pytest.raises(ScheduleError, match="Secret “absent” doesn't exist"):
        Webhook(url=url, secret="absent").send(NEWS)
    for wrong in ("ftp://x/y", "file:///etc/passwd", "x"):
        with pytest.raises(ScheduleError, match="isn't one of a web server"):
            Webhook(url=wrong).send(NEWS)


def test_a_mail(mailbox):
    mail = Email(
        to=("a@example.org", "b@example.org"),
        host="127.0.0.1",
        port=mailbox.port,
        security="none",
        sender="desk@example.org",
    )
    mail.send(NEWS)
    (sent,) = mailbox.mails
    assert sent.rcpt_tos == ["a@example.org", "b@example.org"]
    assert sent.mail_from == "desk@example.org"
    text = sent.content.decode()
    assert "Subject: Failed: prices (schedule nightly)" in text
    assert "“a” is missing." in text or "=E2=80=9Ca=E2=80=9D" in text or "4oCcYeKAnSB" in text


def test_a_password_is_never_sent_without_encryption(mailbox, monkeypatch):
    monkeypatch.setenv("MODELDESK_SECRET_MAIL", "s3cret")
    mail = Email(to=("a@b.c",), host="127.0.0.1", port=mailbox.port, user="me", secret="mail")
    for security, words in (("none", "isn't sent without encryption"), ("starttls", "STARTTLS")):
        with pytest.raises(ScheduleError, match=words):
            mail.model_copy(update={"security": security}).send(NEWS)
    assert mailbox.mails == []


@pytest.mark.parametrize("known", [True, False])
def test_a_mail_through_an_encrypted_server_with_an_account(tmp_path, monkeypatch, known):
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    accounts = []

    def authenticate(server, session, envelope, mechanism, data):
        accounts.append((data.login, data.password))
        return AuthResult(success=data.password == b"s3cret", handled=False)

    box = Mailbox()
    controller = Controller(
        box,
        hostname="localhost",
        port=free_port(),
        tls_context=context,
        authenticator=authenticate,
        auth_required=True,
    )
    controller.start()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("MODELDESK_SECRET_MAIL", "s3cret" if known else "other")
    mail = Email(to=("a@b.c",), host="localhost", port=controller.port, user="me", secret="mail")
    try:
        if known:
            mail.send(NEWS)
            assert len(box.mails) == 1
        else:
            with pytest.raises(ScheduleError, match="rejected the account “me”"):
                mail.send(NEWS)
        assert accounts[0][0] == b"me"
    finally:
        controller.stop()


def test_a_command_gets_what_happened_in_variables(tmp_path):
    out = tmp_path / "out"
    code = f"import os; open({str(out)!r}, 'w').write(os.environ['MODELDESK_TITLE'])"
    Command(command=f'"{sys.executable}" -c "{code}"').send(NEWS)
    assert out.read_text() == "Failed: prices (schedule nightly)"
    with pytest.raises(ScheduleError, match="failed with exit status 3: no"):
        Command(command="echo no >&2; exit 3").send(NEWS)


def test_a_command_that_takes_too_long_is_ended(monkeypatch):
    monkeypatch.setattr("designer.scheduling.channels.PATIENCE", 0.2)
    with pytest.raises(ScheduleError, match="took longer"):
        Command(command=f'exec "{sys.executable}" -c "import time; time.sleep(60)"').send(NEWS)


@pytest.mark.skipif(sys.platform != "linux", reason="notify-send")
def test_the_desktop(tmp_path, monkeypatch):
    program, out = tmp_path / "notify-send", tmp_path / "out"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{out}"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    Desktop().send(NEWS)
    assert out.read_text().splitlines() == [
        "--app-name=ModelDesk",
        "--urgency=critical",
        "--",
        "Failed: prices (schedule nightly)",
        "“a” is missing.",
    ]
    monkeypatch.setenv("PATH", str(tmp_path / "none"))
    with pytest.raises(ScheduleError, match="“notify-send” isn't installed"):
        Desktop().send(NEWS)


def test_who_is_notified_of_what_and_what_fails_is_remembered(desk, web):
    url, requests = web
    made = Notifications(desk.store.workspace)
    assert made.all() == []
    made.put(Notification(name="all", channel=Webhook(url=url), default=True))
    made.put(Notification(name="bad", channel=Webhook(url=f"{url}/500"), when=("failed",)))
    made.put(Notification(name="broken", channel=Command(command="exit 1"), default=True))
    for name, chosen, state in (
        ("defaults", None, "completed"),
        ("chosen", ("bad", "gone"), "failed"),
        ("killed", ("bad",), "interrupted"),
        ("quiet", ("bad",), "completed"),
        ("none", (), "failed"),
    ):
        trigger = read_cron("0 6 * * *", "UTC")
        schedule = Schedule(name=name, file="/x.pipeline.json", trigger=trigger, notify=chosen)
        entry = desk.store.add(schedule, now=desk.now)
        number = desk.store.claim(entry, due=desk.now, now=desk.now)
        desk.store.end(number, state, "why", now=desk.now)
        notify(desk.store, number)
    told = [(document["schedule"], path) for path, _, document in requests]
    assert told == [("defaults", "/"), ("chosen", "/500"), ("killed", "/500")]
    delivery = {name: desk.store.history(name)[0].delivery for name in ("defaults", "chosen")}
    assert delivery["defaults"].startswith("“broken” wasn't notified: The command")
    assert "HTTP 500" in delivery["chosen"]
    assert desk.store.history("quiet")[0].delivery == ""


def test_notifications_without_their_file_and_with_a_damaged_one(desk, tmp_path):
    made = Notifications(Workspace(desk.folder))
    with pytest.raises(ScheduleError, match="no notification “x”"):
        made.remove("x")
    made.put(Notification(name="x", channel=Desktop()))
    made.put(Notification(name="x", channel=Command(command="true")))
    assert [each.channel.kind for each in made.all()] == ["command"]
    made.remove("x")
    assert made.all() == []
    # One that can't be read doesn't keep a run's end from being remembered.
    (desk.store.folder / "notifications.json").write_text("{")
    entry = desk.add("0 6 * * *", notify=None)
    number = desk.store.claim(entry, due=desk.now, now=desk.now)
    desk.store.end(number, "failed", "why", now=desk.now)
    notify(desk.store, number)
    assert "notifications.json" in desk.store.history("nightly")[0].delivery

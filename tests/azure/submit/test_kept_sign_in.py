"""A sign-in that lasts: who has signed in once isn't asked by the next program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import keyring
import pytest
from click.testing import CliRunner
from keyring.backend import KeyringBackend
from stand_in.service import Service

from designer.azure import kept_sign_in
from designer.azure.errors import AzureError
from designer.azure.workspace import WorkspaceConfig, connect_v1, connect_v2
from designer.cli.main import main

WORKSPACE = ("/work", "spaces")


class Ring(KeyringBackend):
    """A keyring of this process."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


@pytest.fixture
def ring(
    service: Service, peers: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Ring]:
    monkeypatch.setenv("MODELDESK_WORKSPACE", str(tmp_path / "workspace"))
    before, made = keyring.get_keyring(), Ring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def codes(service: Service) -> int:
    """Return how often somebody had to enter a code."""
    return sum(each.path.endswith("/devicecode") for each in service.door.requests)


Connect = Callable[..., object]
BOTH = pytest.mark.parametrize("connect", [connect_v1, connect_v2])


@BOTH
def test_a_code_is_asked_for_once(
    connect: Connect, service: Service, ring: Ring, config: WorkspaceConfig, tmp_path: Path
) -> None:
    told: list[str] = []
    connect(config, "device-code", notify=told.append)
    assert told == ["Open https://microsoft.com/devicelogin and enter ABCD1234."]
    # As another program does: nothing but the keyring and the record of the account.
    connect(config, "device-code", notify=told.append)
    connect(config, "browser", notify=told.append)
    assert len(told) == codes(service) == 1
    # No token is in any file; who is signed in is, and that is no secret.
    secrets = [*service.tokens, *service.refresh]
    texts = [
        path.read_text("utf-8", "replace")
        for path in (tmp_path / "workspace").rglob("*")
        if path.is_file()
    ]
    assert any("person@example.com" in text for text in texts)
    assert not any(secret in text for secret in secrets for text in texts)
    assert any(secret in text for secret in service.refresh for text in ring.entries.values())


def test_who_can_no_longer_be_refreshed_signs_in_again(
    service: Service, ring: Ring, config: WorkspaceConfig
) -> None:
    told: list[str] = []
    connect_v2(config, "device-code", notify=told.append)
    service.refresh.clear()
    for key, text in ring.entries.items():
        # The access tokens have expired.
        plain = json.loads(text)
        for token in plain.get("AccessToken", {}).values():
            token["expires_on"] = "1"
        ring.entries[key] = json.dumps(plain)
    connect_v2(config, "device-code", notify=told.append)
    assert len(told) == 2


def test_each_directory_and_cloud_has_its_own_account(
    service: Service, ring: Ring, config: WorkspaceConfig
) -> None:
    from dataclasses import replace

    told: list[str] = []
    connect_v2(config, "device-code", notify=told.append)
    other = replace(config, tenant="44444444-4444-4444-4444-444444444444")
    connect_v2(other, "device-code", notify=told.append)
    assert len(told) == 2
    assert len(kept_sign_in.accounts()) == 2


@pytest.mark.usefixtures("service", "peers")
def test_without_a_keyring_nothing_is_written(
    config: WorkspaceConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from keyring.backends import fail

    monkeypatch.setenv("MODELDESK_WORKSPACE", str(tmp_path / "workspace"))
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    try:
        told: list[str] = []
        connect_v2(config, "device-code", notify=told.append)
        connect_v2(config, "device-code", notify=told.append)
        assert len(told) == 2
        assert kept_sign_in.place() == ""
        files = {path.name for path in (tmp_path / "workspace").rglob("*") if path.is_file()}
        assert files <= {"accounts.json"}
    finally:
        keyring.set_keyring(before)


def call(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["azure", *words])
    return result.exit_code, result.stdout, result.stderr


def test_signing_in_and_out_on_the_command_line(service: Service, ring: Ring) -> None:
    assert call("status")[1] == "You aren't signed in.\n"
    code, out, err = call("sign-in", "--sign-in", "device-code")
    assert (code, out) == (0, "Signed in as person@example.com.\n"), err
    assert "enter ABCD1234" in err
    assert "The sign-in is kept in the system keyring." in err
    status = json.loads(call("status", "--json")[1])
    assert status["kept_in"] == "the system keyring"
    assert [(each["account"], each["cloud"]) for each in status["accounts"]] == [
        ("person@example.com", "AzureCloud")
    ]
    assert call("sign-out")[1] == "Signed out: person@example.com.\n"
    assert call("status")[1] == "You aren't signed in.\n"
    kept = "".join(ring.entries.values())
    assert not any(secret in kept for secret in (*service.tokens, *service.refresh))
    assert call("sign-out")[1] == "You weren't signed in.\n"


def test_the_browser_is_opened_once(
    service: Service, ring: Ring, config: WorkspaceConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def browse(url: str, *_: object, **__: object) -> bool:
        """Play the page: the person signs in, and the page comes back with a code."""
        opened.append(url)
        query = parse_qs(urlsplit(url).query)
        (service.nonce,) = query["nonce"]
        back = f"{query['redirect_uri'][0]}?code=CODE&state={query['state'][0]}"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        threading.Thread(target=lambda: opener.open(back, timeout=60).read()).start()
        return True

    monkeypatch.setattr("webbrowser.open", browse)
    monkeypatch.setattr("azure.identity._credentials.browser._open_browser", browse)
    connect_v2(config, "browser")
    connect_v1(config, "browser")
    assert len(opened) == 1
    assert opened[0].startswith("https://login.microsoftonline.com/")


@pytest.mark.parametrize(
    ("cloud", "host", "audiences"),
    [
        (
            "AzureChinaCloud",
            "login.chinacloudapi.cn",
            {"https://management.core.chinacloudapi.cn/.default", "https://ml.azure.cn/.default"},
        ),
        (
            "AzureUSGovernment",
            "login.microsoftonline.us",
            {"https://management.core.usgovcloudapi.net/.default", "https://ml.azure.us/.default"},
        ),
    ],
)
def test_a_sovereign_cloud_signs_in_at_its_own_host(
    cloud: str, host: str, audiences: set[str], service: Service, ring: Ring
) -> None:
    code, _, err = call("sign-in", "--sign-in", "device-code", "--cloud", cloud)
    assert code == 0, err
    hosts = {each.host for each in service.door.requests}
    assert hosts == {host}
    assert json.loads(call("status", "--json")[1])["accounts"][0]["cloud"] == cloud


def test_an_unknown_cloud_is_named(tmp_path: Path, service: Service) -> None:
    from designer.azure.workspace import read_config

    path = tmp_path / "config.json"
    path.write_text(json.dumps(service.config() | {"cloud": "AzureMoon"}))
    with pytest.raises(AzureError, match="“AzureMoon” isn't a cloud of Azure") as caught:
        read_config(path)
    assert "AzureChinaCloud" in caught.value.hint


def test_help_names_the_clouds() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "designer.cli.main", "azure", "schedules", "list", "--help"],
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "200"},
        check=True,
    )
    assert "AzureUSGovernment" in done.stdout

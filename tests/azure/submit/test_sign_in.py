"""Each way to sign in is what the SDK is given; no network is asked."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from designer.azure.errors import AzureError, translated_errors
from designer.azure.sdk_output import quiet
from designer.azure.sign_in import HINTS, SIGN_INS
from designer.azure.workspace import WorkspaceConfig, authentication_v1, credential
from designer.cli import remote_runs
from designer.cli.commands import submit

CONFIG = WorkspaceConfig("s", "g", "n", "22222222-2222-2222-2222-222222222222")
CREDENTIALS = {
    "browser": "InteractiveBrowserCredential",
    "device-code": "DeviceCodeCredential",
    "azure-cli": "AzureCliCredential",
    "managed-identity": "ManagedIdentityCredential",
    "environment": "EnvironmentCredential",
}
ALONE = {
    "browser": "InteractiveLoginAuthentication",
    "azure-cli": "AzureCliAuthentication",
    "managed-identity": "MsiAuthentication",
}
"""What SDK v1 has itself, for when azure-identity is not installed."""


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    asked: list[Any] = []

    def refuse(*arguments: Any, **_: Any) -> None:
        asked.append(arguments)
        raise OSError("no network in these tests")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"):
        monkeypatch.setenv(name, CONFIG.tenant or "")
    yield
    assert asked == []


def test_all_ways_are_offered_everywhere() -> None:
    for command in (submit.submit, remote_runs.follow, remote_runs.cancel):
        (option,) = (each for each in command.params if each.name == "sign_in")
        assert list(option.type.choices) == list(CREDENTIALS)  # type: ignore[attr-defined]
    assert set(CREDENTIALS) == set(SIGN_INS) == set(HINTS)


@pytest.mark.parametrize(("sign_in", "kind"), CREDENTIALS.items())
def test_the_credential_of_each_way(sign_in: str, kind: str) -> None:
    made = credential(CONFIG, sign_in)
    assert type(getattr(made, "inner", made)).__name__ == kind


@pytest.mark.parametrize("sign_in", ["browser", "device-code"])
def test_the_directory_of_the_workspace_is_signed_in_to(sign_in: str) -> None:
    assert credential(CONFIG, sign_in).inner._tenant_id == CONFIG.tenant


def test_a_device_code_is_told_to_the_person() -> None:
    told: list[str] = []
    made = credential(CONFIG, "device-code", told.append)
    made.inner._prompt_callback("https://microsoft.com/devicelogin", "ABCD", None)
    assert told == ["Open https://microsoft.com/devicelogin and enter ABCD."]


def test_a_device_code_is_seen_although_the_sdk_is_silenced(
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = credential(CONFIG, "device-code", remote_runs.print_to_stderr)
    with quiet():
        print("chatter")
        made.inner._prompt_callback("https://microsoft.com/devicelogin", "ABCD", None)
        print("more chatter")
    shown = capsys.readouterr()
    assert shown.err == "Open https://microsoft.com/devicelogin and enter ABCD.\n"
    assert shown.out == ""


def test_a_wrong_value_is_told_in_the_words_of_sdk_v2(tmp_path: Path) -> None:
    from azure.ai.ml import load_online_endpoint

    file = tmp_path / "endpoint.yml"
    file.write_text("name: ab\nauth_mode: none of them\n", "utf-8")
    refused = pytest.raises(AzureError, match="Value 'none of them' passed is not in set")
    with refused, quiet(), translated_errors(CONFIG, "browser"):
        load_online_endpoint(file)


def test_colours_of_an_sdk_are_left_out() -> None:
    said = "\x1b[39m\n\n\x1b[31m1) A field is invalid\x1b[39m\n\nDetails:\n\n(x) No such size.\n"
    with pytest.raises(AzureError) as refused, translated_errors(CONFIG, "browser"):
        raise ValueError(said)
    assert refused.value.message == "Azure ML error: No such size."


def test_what_is_no_way_names_those_there_are() -> None:
    with pytest.raises(AzureError, match="“fax” isn't a way to sign in") as caught:
        credential(CONFIG, "fax")
    assert all(way in caught.value.hint for way in SIGN_INS)


@pytest.mark.parametrize("sign_in", CREDENTIALS)
def test_sdk_v1_gets_its_tokens_from_the_same_credential(
    sign_in: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import azure.identity
    from azure.core.credentials import AccessToken
    from azureml.core.authentication import Audience

    scopes: list[str] = []

    def get_token(self: Any, *asked: str, **_: Any) -> AccessToken:
        scopes.extend(asked)
        return AccessToken("told", 2**31)

    monkeypatch.setattr(getattr(azure.identity, CREDENTIALS[sign_in]), "get_token", get_token)
    made = authentication_v1(CONFIG, sign_in, print)
    assert type(made).__name__ == "TokenAuthentication"
    assert made.get_token(Audience.AZUREML) == "told"
    assert scopes == ["https://ml.azure.com/.default"]


@pytest.mark.parametrize("sign_in", CREDENTIALS)
def test_sdk_v1_signs_in_by_itself_without_azure_identity(
    sign_in: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "azure.identity", None)
    if sign_in not in ALONE:
        with pytest.raises(AzureError, match="azure-identity is needed") as caught:
            authentication_v1(CONFIG, sign_in, print)
        assert caught.value.hint == "pip install azure-identity"
        return
    made: list[tuple[str, dict[str, Any]]] = []
    from azureml.core import authentication

    class Noted:
        def __init__(self, **options: Any) -> None:
            made.append((ALONE[sign_in], options))

    # The real ones sign in when they are made.
    monkeypatch.setattr(authentication, ALONE[sign_in], Noted)
    assert isinstance(authentication_v1(CONFIG, sign_in, print), Noted)
    ((kind, options),) = made
    assert kind == ALONE[sign_in]
    tenant = {"tenant_id": CONFIG.tenant} if sign_in == "browser" else {}
    assert options == {"cloud": "AzureCloud", **tenant}

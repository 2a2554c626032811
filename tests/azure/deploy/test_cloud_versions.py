"""New versions of endpoints in Azure, going back, and keys that change."""

from __future__ import annotations

import keyring
import pytest
import requests
from a_person import Command, MemoryKeyring, document, kept_files
from keyring.backends.fail import Keyring as NoKeyring
from serving_examples import Trained
from stand_in.scoring import Front
from stand_in.service import Service

from designer.azure.deploy import managed_endpoints


def front(service: Service) -> Front:
    (only,) = service.scoring.fronts.values()
    return only


@pytest.mark.long
def test_a_new_version_of_a_managed_endpoint_gets_the_traffic_and_gives_it_back(
    designer: Command, deploy: Command, service: Service
) -> None:
    first, second = (document(deploy("managed", "--json")) for _ in range(2))

    assert (first["version"], second["version"]) == (1, 2)
    assert (first["url"], first["key"]) == (second["url"], second["key"])
    assert front(service).traffic == {"version-2": 100}
    # The one before stays to go back to; older ones, which are paid for, do not.
    assert set(front(service).containers) == {"version-1", "version-2"}
    document(deploy("managed", "--json"))
    assert set(front(service).containers) == {"version-2", "version-3"}

    back = document(designer("endpoints", "rollback", "people", "--json"))
    assert (back["version"], back["versions"]) == (2, [1, 2, 3])
    assert front(service).traffic == {"version-2": 100}
    # Version 1 is gone from Azure, and comes back from the package that is kept here.
    document(designer("endpoints", "rollback", "people", "--version", 1, "--json"))
    assert front(service).traffic == {"version-1": 100}
    assert document(designer("endpoints", "test", "people", "--json"))["status"] == 200


@pytest.mark.long
def test_a_web_service_goes_back_by_being_deployed_again(
    designer: Command, deploy: Command, service: Service
) -> None:
    for _ in range(2):
        document(deploy("aci", "--json"))
    assert service.kept("web service")["people"]["kvTags"]["version"] == "2"

    document(designer("endpoints", "rollback", "people", "--json"))

    assert service.kept("web service")["people"]["kvTags"]["version"] == "1"
    assert document(designer("endpoints", "test", "people", "--json"))["status"] == 200


@pytest.mark.long
@pytest.mark.parametrize("target", ["aci", "managed"])
def test_a_version_that_fails_leaves_the_one_before_where_it_is(
    target: str, designer: Command, deploy: Command, service: Service
) -> None:
    made = document(deploy(target, "--json"))
    # On Container Instances the one before is then deployed again, with its model.
    service.loses_models = 1

    failed = deploy(target)

    assert failed.exit_code == 1
    shown = document(designer("endpoints", "show", "people", "--json"))
    assert (shown["state"], shown["version"], shown["versions"]) == ("running", 1, [1])
    tested = document(designer("endpoints", "test", "people", "--json"))
    assert tested["status"] == 200
    assert document(designer("endpoints", "keys", "people", "--json"))["primary"] == made["key"]


@pytest.mark.long
def test_a_key_that_was_renewed_in_the_studio_is_fetched_again(
    designer: Command, deploy: Command, service: Service, key_ring: MemoryKeyring
) -> None:
    document(deploy("managed", "--json"))
    front(service).keys["primaryKey"] = "renewed-elsewhere"

    assert document(designer("endpoints", "test", "people", "--json"))["status"] == 200
    assert any("renewed-elsewhere" in kept for kept in key_ring.kept.values())


@pytest.mark.long
def test_without_a_keyring_the_key_is_fetched_and_kept_nowhere(
    designer: Command, deploy: Command, here: Trained
) -> None:
    keyring.set_keyring(NoKeyring())
    made = document(deploy("aci", "--json"))

    found = document(designer("endpoints", "keys", "people", "--json"))

    assert found["primary"] == made["key"]
    texts = [path.read_bytes() for path in kept_files(here)]
    assert not [text for text in texts if made["key"].encode() in text]


@pytest.mark.long
def test_what_azure_can_not_do_is_said(designer: Command, deploy: Command) -> None:
    document(deploy("aci", "--json"))

    stopped = designer("endpoints", "stop", "people")
    moved = deploy("managed")
    listed = designer("endpoints", "list")

    assert stopped.exit_code == 2
    assert "costs money, as long as it exists" in stopped.stderr
    assert moved.exit_code == 2
    assert "is already deployed to “Azure Container Instances”" in moved.stderr
    assert "people  aci       running" in listed.stdout


@pytest.mark.long
@pytest.mark.parametrize(
    ("target", "renewed"), [("aci", ["secondary"]), ("managed", ["primary", "secondary"])]
)
def test_a_renewed_key_is_another_one_and_the_old_one_is_refused(
    target: str, renewed: list[str], designer: Command, deploy: Command
) -> None:
    made = document(deploy(target, "--json"))
    keys = ("endpoints", "keys", "people", "--json")
    for which in renewed:
        before = document(designer(*keys))

        after = document(designer(*keys, "--renew", which))

        other = "secondary" if which == "primary" else "primary"
        assert after[which] not in before.values()
        assert after[other] == before[other]
        headers = {"Authorization": f"Bearer {before[which]}"}
        assert requests.post(made["url"], b"{}", headers=headers, timeout=60).status_code == 401
    assert document(designer("endpoints", "test", "people", "--json"))["status"] == 200


@pytest.mark.long
def test_a_key_that_does_not_change_is_said(
    designer: Command, deploy: Command, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    document(deploy("managed", "--json"))
    service.keeps_keys = True
    monkeypatch.setattr(managed_endpoints, "KEY_PATIENCE", 0.0)

    result = designer("endpoints", "keys", "people", "--renew", "primary")

    assert result.exit_code == 1
    assert "hasn't changed the primary key" in result.stderr

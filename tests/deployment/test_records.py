"""The records of endpoints as files: versions, keys, ports and refusals, without a server."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from designer.deployment import records as module
from designer.deployment.http_client import HOST
from designer.deployment.naming import check_name, is_name, new_key
from designer.deployment.problem import ServingError
from designer.deployment.records import Records
from designer.deployment.status import Keys
from designer.workspace import Workspace
from modules.endpoint.package import FORMAT


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(Workspace(tmp_path / "w"))


@pytest.fixture
def package(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that makes a folder like a scoring package."""
    count = 0

    def make(**manifest: Any) -> Path:
        nonlocal count
        count += 1
        folder = tmp_path / f"package-{count}"
        folder.mkdir()
        (folder / "MANIFEST.json").write_text(json.dumps(manifest))
        return folder

    return make


def refusal(call: Callable[..., object], *arguments: Any) -> tuple[str, str, bool]:
    with pytest.raises(ServingError) as caught:
        call(*arguments)
    return caught.value.message, caught.value.hint, caught.value.wrong_input


def test_versions_are_added_one_after_the_other(
    records: Records, package: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.time, "time", lambda: 1234.5)
    assert records.names() == []
    assert records.versions("people") == ()
    assert records.next_version("people") == 1
    first = package(compiled=True, run="run-1", other=3)
    written = (first / "MANIFEST.json").read_bytes()
    about = {"file": "p.json", "version": 99}
    assert records.add("people", first, about, {"target": "docker", "wanted": True, "port": 1}) == 1
    assert not first.exists()
    assert records.about("people", 1) == {
        "file": "p.json",
        "version": 1,
        "added": 1234.5,
        "manifest": hashlib.sha256(written).hexdigest(),
        "compiled": True,
        "run": "run-1",
    }
    assert records.read("people") == {
        "name": "people",
        "version": 1,
        "wanted": True,
        "target": "docker",
        "port": 1,
    }
    assert records.target("people") == "docker"
    assert records.add("people", package(), {}, {"target": "local"}) == 2
    # The current version is still the one before, and what was known of the endpoint stays.
    assert records.read("people")["version"] == 1
    assert records.target("people") == "docker"
    assert records.allowed("people", 2) == frozenset()
    records.allow("people", 2, ["reads"])
    records.allow("people", 2, ["code"])
    assert records.allowed("people", 2) == {"code", "reads"}
    assert records.about("people", 2)["compiled"] is None
    assert records.versions("people") == (1, 2)
    assert records.names() == ["people"]
    assert records.package("people").name == "1"
    assert records.package("people", 2).name == "2"
    # Neither a folder of another name nor one that is being written is a version.
    for name in ("draft", ".3.tmp", "3"):
        (records.root / "people" / "versions" / name).mkdir()
    (records.root / "people" / "versions" / "draft" / "MANIFEST.json").touch()
    assert records.versions("people") == (1, 2)


def test_a_new_endpoint_is_not_wanted_yet_and_is_local(
    records: Records, package: Callable[..., Path]
) -> None:
    records.add("people", package(), {}, {"port": 1})
    assert records.read("people")["wanted"] is False
    assert records.target("people") == "local"
    records.change("people", wanted=True, version=4)
    assert records.read("people") == {"name": "people", "version": 4, "wanted": True, "port": 1}


def test_an_endpoint_of_this_computer_without_a_port_is_damaged(
    records: Records, package: Callable[..., Path]
) -> None:
    for name, record in (("one", {}), ("two", {"target": "docker"})):
        records.add(name, package(), {}, record)
        file = records.root / name / "endpoint.json"
        assert refusal(records.read, name) == (
            f"“{file}” is damaged: the port is missing.",
            "Deploy the pipeline again under another name, and delete this endpoint.",
            False,
        )
    # One at Azure has none.
    records.add("cloud", package(), {}, {"target": "aci"})
    assert records.target("cloud") == "aci"


def test_versions_are_found_again_and_missing_ones_are_refused(
    records: Records, package: Callable[..., Path]
) -> None:
    for _ in range(3):
        records.add("people", package(), {}, {"port": 1})
    assert refusal(records.package, "people", 7) == (
        "“people” has no version 7.",
        "Its versions are 1, 2, 3.",
        True,
    )
    assert refusal(records.earlier, "people", None)[:2] == (
        "“people” has no version before 1.",
        "",
    )
    records.change("people", version=3)
    assert records.earlier("people", None) == 2
    assert records.earlier("people", 1) == 1
    assert records.earlier("people", 3) == 3
    assert refusal(records.earlier, "people", 9)[0] == "“people” has no version 9."
    records.remove_version("people", 2)
    assert records.versions("people") == (1, 3)
    assert not (records.root / "people" / "versions" / "2.json").exists()
    assert records.earlier("people", None) == 1
    assert records.next_version("people") == 4
    # One that isn't there changes nothing.
    records.remove_version("people", 2)
    records.remove_version("people", 1)
    assert records.names() == ["people"]
    records.remove_version("people", 3)
    assert records.names() == []
    assert not (records.root / "people").exists()
    assert list(records.root.iterdir()) == []


def test_an_endpoint_that_is_not_there_is_refused_with_a_near_name(
    records: Records, package: Callable[..., Path]
) -> None:
    records.add("people", package(), {}, {})
    assert refusal(records.folder, "peeple") == (
        "There is no endpoint “peeple”.",
        "Did you mean “people”?",
        True,
    )
    assert "can't be the name" in refusal(records.add, "../people", package(), {}, {})[0]
    # A name that leads elsewhere is none, whatever is there.
    outside = records.root.parent / "endpoint.json"
    outside.write_text("{}")
    for call in (records.folder, records.read, records.package, records.keys, records.delete):
        assert refusal(call, "..")[0] == "There is no endpoint “..”."
    assert outside.exists()
    records.delete("people")
    assert records.names() == []
    assert refusal(records.delete, "people")[:2] == (
        "There is no endpoint “people”.",
        "There are no endpoints.",
    )


def test_a_local_endpoint_has_its_own_port_and_keys(
    records: Records, package: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_PORT", 7001)
    records.add_local("one", package(), {}, target="local", key="primary-key-of-tests")
    assert records.add_local("two", package(), {}) == 1
    records.add("cloud", package(), {}, {"target": "aci"})
    assert records.read("one") == {
        "name": "one",
        "version": 1,
        "wanted": False,
        "port": 7001,
        "host": HOST,
        "target": "local",
    }
    assert records.read("two")["port"] == 7002
    assert records.reserved_ports("one") == {7002, 0}
    assert records.next_port("one") == 7001
    assert records.next_port("three") == 7003
    records.change("one", port=7005)
    assert records.next_port("three") == 7001
    keys = records.keys("one")
    assert keys.primary == "primary-key-of-tests"
    assert len({keys.primary, keys.secondary, *vars(records.keys("two")).values()}) == 4
    assert len(new_key()) == 43
    # Another version keeps the keys, unless it comes with one.
    records.add_local("one", package(), {})
    assert records.keys("one") == keys
    assert records.read("one")["port"] == 7005
    records.add_local("one", package(), {}, key="another-key-of-tests")
    assert records.keys("one") == Keys("another-key-of-tests", keys.secondary)
    # Keys are in no text of theirs.
    assert "another" not in repr(records.keys("one"))


def test_the_first_port(own_ports: int) -> None:
    # Each process of the tests begins elsewhere; see the fixture.
    assert own_ports == 5001


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "line 1 isn't JSON"),
        ("[]", "it doesn't contain a JSON object"),
        ('{"primary": "x"}', "“secondary”: field required"),
    ],
)
def test_damaged_keys_are_refused_and_replaced(
    records: Records, package: Callable[..., Path], content: str, reason: str
) -> None:
    records.add_local("one", package(), {})
    file = records.folder("one") / "keys.json"
    file.write_text(content)
    hint = "Regenerate one of them."
    assert refusal(records.keys, "one") == (f"“{file}” is damaged: {reason}.", hint, False)
    records.keep_keys("one", secondary="a-new-key")
    # The other one isn't known for certain, so it's new, too.
    keys = records.keys("one")
    assert keys.secondary == "a-new-key"
    assert len(keys.primary) == 43
    before = file.stat()
    records.keep_keys("one")
    assert os.stat(file).st_ino == before.st_ino
    assert records.keys("one") == keys
    file.unlink()
    assert refusal(records.keys, "one") == ("The keys of “one” are missing.", hint, False)


def test_a_package_that_was_changed_is_refused_and_is_no_mistake_of_the_users(
    records: Records, package: Callable[..., Path]
) -> None:
    records.add("people", package(format=FORMAT, files={}), {}, {})
    records.check_whole("people", 1)
    manifest = records.package("people", 1) / "MANIFEST.json"
    manifest.write_text(manifest.read_text() + " ")
    changed = (
        "The manifest of version 1 isn't the one that was written.",
        "Deploy the pipeline again.",
        False,
    )
    assert refusal(records.check_whole, "people", 1) == changed
    manifest.unlink()
    assert refusal(records.check_whole, "people", 1) == changed
    (records.root / "people" / "versions" / "1.json").unlink()
    assert refusal(records.check_whole, "people", 1) == changed


def test_one_program_at_a_time_changes_an_endpoint(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite3.connect
    waits: list[float] = []

    def impatient(path: Path, *, timeout: float, **more: Any) -> sqlite3.Connection:
        waits.append(timeout)
        return connect(path, timeout=0, **more)

    monkeypatch.setattr(sqlite3, "connect", impatient)
    busy = ("Another program is changing the endpoint “a-b”.", "Try again in a moment.", False)
    with records.locked("a-b"):
        assert refusal(records.locked("a-b").__enter__) == busy
        with records.locked("other"):
            pass
    with records.locked("a-b"):
        pass
    assert set(waits) == {120}
    # An error in the block is nobody else's, and lets the lock go.
    with pytest.raises(ZeroDivisionError), records.locked("a-b"):
        raise ZeroDivisionError
    with records.locked("a-b"):
        pass


@pytest.mark.parametrize(
    ("name", "valid"),
    [
        ("abc", True),
        ("a-1", True),
        ("a" * 32, True),
        ("ab", False),
        ("a" * 33, False),
        ("1ab", False),
        ("ab-", False),
        ("aBc", False),
        ("a_b", False),
        ("abc\n", False),
    ],
)
def test_the_names_of_endpoints(name: str, valid: bool) -> None:
    assert is_name(name) is valid
    if valid:
        check_name(name)
    else:
        assert refusal(check_name, name)[0] == (
            f"“{name}” can't be the name of an endpoint: use 3 to 32 lowercase letters, digits, "
            "and hyphens, starting with a letter."
        )


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("My Model!", "Use “my-model”, for example."),
        ("7 Dwarfs 7", "Use “dwarfs”, for example."),
        ("a" * 31 + "-b", f"Use “{'a' * 31}”, for example."),
        ("??", ""),
    ],
)
def test_a_bad_name_is_refused_with_one_that_is_good(name: str, hint: str) -> None:
    assert refusal(check_name, name)[1] == hint

"""Consent belongs to content: it is gone when a byte changes, and no file can claim it."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer import trust
from designer.trust import Trust


def test_consent_is_for_this_content_and_this_purpose(tmp_path: Path) -> None:
    agreed = Trust(tmp_path)
    assert not agreed.given("code", b"print(1)")

    agreed.give("code", b"print(1)")

    assert Trust(tmp_path).given("code", b"print(1)")
    assert not agreed.given("code", b"print(2)")
    assert not agreed.given("reads", b"print(1)")


def test_consent_can_be_withdrawn(tmp_path: Path) -> None:
    agreed = Trust(tmp_path)
    agreed.give("code", b"print(1)")
    agreed.withdraw("code", b"print(1)")
    agreed.withdraw("code", b"never given")
    assert not agreed.given("code", b"print(1)")


def test_consent_in_one_workspace_is_none_in_another(tmp_path: Path) -> None:
    Trust(tmp_path / "mine").give("code", b"print(1)")
    mine = next(path for path in (tmp_path / "mine/trust").iterdir() if len(path.name) == 64)
    Trust(tmp_path / "other").give("code", b"another")
    (tmp_path / "other/trust" / mine.name).touch()
    assert not Trust(tmp_path / "other").given("code", b"print(1)")


@pytest.mark.parametrize("key", [b"", b"short", None])
def test_a_damaged_key_ends_consent_and_is_replaced(tmp_path: Path, key: bytes | None) -> None:
    agreed = Trust(tmp_path)
    agreed.give("code", b"print(1)")
    path = tmp_path / "trust/key"
    path.unlink() if key is None else path.write_bytes(key)

    assert not agreed.given("code", b"print(1)")
    agreed.give("code", b"print(1)")
    assert agreed.given("code", b"print(1)")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits")
def test_only_the_user_may_read_it(tmp_path: Path) -> None:
    Trust(tmp_path).give("code", b"print(1)")
    folder = tmp_path / "trust"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_the_oldest_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setattr(trust, "LIMIT", 2)
    agreed = Trust(tmp_path)
    for number in range(3):
        agreed.give("code", b"%d" % number)
        for path in (tmp_path / "trust").iterdir():
            os.utime(path, (path.stat().st_mtime - 10,) * 2)
    assert [agreed.given("code", b"%d" % number) for number in range(3)] == [False, True, True]


@given(st.tuples(st.text(), st.binary()), st.tuples(st.text(), st.binary()))
def test_two_agreements_are_never_confused(
    tmp_path_factory: pytest.TempPathFactory, one: tuple[str, bytes], other: tuple[str, bytes]
) -> None:
    agreed = Trust(tmp_path_factory.mktemp("trust"))
    agreed.give(*one)
    assert agreed.given(*other) == (one == other)


def test_agreements_are_listed_latest_first_and_withdrawn(tmp_path: Path) -> None:
    agreed = Trust(tmp_path)
    agreed.give("code", b"a", trust.Agreement("/p/one.json", "code"))
    agreed.give("code", b"b", trust.Agreement("/p/two.json", "read", ("https://host/x",)))
    one, two = sorted(agreed.agreements(), key=lambda each: each.source)
    assert (one.source, one.kind, one.purpose) == ("/p/one.json", "code", "code")
    assert (two.source, two.targets) == ("/p/two.json", ("https://host/x",))
    agreed.remove([one])
    assert not agreed.given("code", b"a")
    assert agreed.given("code", b"b")
    assert [each.source for each in agreed.agreements()] == ["/p/two.json"]


def test_an_agreement_counts_whatever_its_file_contains(tmp_path: Path) -> None:
    agreed = Trust(tmp_path)
    agreed.give("code", b"a", trust.Agreement("/p/one.json", "code"))
    (file,) = (path for path in (tmp_path / "trust").iterdir() if len(path.name) == 64)
    for content in ("", "{", "[1]", '{"source": 1}'):
        file.write_text(content)
        (shown,) = agreed.agreements()
        assert shown.source == ""
        assert agreed.given("code", b"a")
    agreed.remove([shown])
    assert not agreed.given("code", b"a")

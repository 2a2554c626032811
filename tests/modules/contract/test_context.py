from __future__ import annotations

import pickle

import pytest

from modules.contract import ModuleError, report_progress, secret
from modules.contract.context import listening, sample_rows, sampling, threads, using_threads


def test_progress_reaches_the_listener_and_nobody_else() -> None:
    heard: list[tuple[float, str]] = []
    report_progress(0.1)
    with listening(lambda fraction, text: heard.append((fraction, text))):
        report_progress(0.5, "half")
        report_progress(7)
    report_progress(0.9)
    assert heard == [(0.5, "half"), (1.0, "")]


def test_sampling_and_threads_end_with_their_block() -> None:
    with sampling(100), using_threads(2):
        assert (sample_rows(), threads()) == (100, 2)
    assert (sample_rows(), threads()) == (None, 1)


def test_secrets_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELDESK_SECRET_MY_KEY", "s3cret")
    assert secret("my-key") == "s3cret"


def test_an_unknown_secret_says_where_to_put_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    with pytest.raises(ModuleError, match="Secret “nope” doesn't exist") as caught:
        secret("nope")
    assert "MODELDESK_SECRET_NOPE" in caught.value.hint


def test_errors_survive_the_way_between_processes() -> None:
    error = ModuleError("code", "Message.", "Hint.", column="a", port="dataset")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert again.to_json() == error.to_json()
    assert str(again) == "Message."

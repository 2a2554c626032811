"""What the SDKs would collect by themselves, while several threads use them."""

from __future__ import annotations

import os
from contextlib import ExitStack

import pytest

from designer.azure.sdk_output import no_git


@pytest.mark.parametrize("own", [None, "/srv/own.git"])
@pytest.mark.parametrize("first_to_end", [0, 1])
def test_git_stays_hidden_until_the_last_user_of_an_sdk_has_ended(
    own: str | None, first_to_end: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if own is None:
        monkeypatch.delenv("GIT_DIR", raising=False)
    else:
        monkeypatch.setenv("GIT_DIR", own)
    # As where one run is followed while another one is submitted.
    both = ExitStack(), ExitStack()
    for each in both:
        each.enter_context(no_git())
    both[first_to_end].close()
    assert os.environ["GIT_DIR"] == os.devnull
    both[1 - first_to_end].close()
    assert os.environ.get("GIT_DIR") == own

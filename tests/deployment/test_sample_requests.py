"""The sample request of a scoring package that was damaged."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from designer.deployment import ServingError
from designer.deployment.requests import read_request, sample_request
from designer.deployment.scoring_package import SAMPLE

REQUEST = {"Inputs": {"input1": [{"town": "Zürich", "x": 1.5}]}, "GlobalParameters": {}}


def test_it_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / SAMPLE).write_text(json.dumps(REQUEST, indent=1), "utf-8")
    assert json.loads(sample_request(tmp_path)) == REQUEST
    assert json.loads(read_request(tmp_path, None)) == REQUEST


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (lambda path: path.write_bytes(b""), "line 1 isn't JSON"),
        (lambda path: path.write_bytes(b"\xff"), "it isn't UTF-8 text"),
        (lambda path: path.write_bytes(b"[" * 100_000), "it nests too deeply"),
        (lambda path: path.write_bytes(b'{"a":' * 500 + b"1" + b"}" * 500), "it nests too deeply"),
        (lambda path: path.write_bytes(b"[1]"), "it doesn't contain a JSON object"),
        (lambda path: None, "missing"),
        (lambda path: path.mkdir(), "it isn't a file"),
        pytest.param(
            lambda path: os.mkfifo(path),
            "it isn't a file",
            marks=pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX"),
        ),
    ],
)
def test_a_damaged_one_is_named(
    harm: Callable[[Path], object], reason: str, tmp_path: Path
) -> None:
    harm(tmp_path / SAMPLE)
    with pytest.raises(ServingError) as caught:
        sample_request(tmp_path)
    assert caught.value.message.startswith(f"“{tmp_path / SAMPLE}” is ")
    assert reason in caught.value.message
    assert caught.value.hint == "Deploy the endpoint again."

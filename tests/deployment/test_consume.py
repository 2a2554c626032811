"""The code that “Consume” shows: it is run, where its language is at hand."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from serving_examples import Trained, azure_request, same_scores

from designer.deployment.target import DeployResult
from designer.deployment.texts.consume import LANGUAGES, consume_code

COMMANDS = {
    "python": (sys.executable, "call.py"),
    "curl": ("sh", "call.sh"),
    "javascript": ("node", "call.mjs"),
}
NEEDED = {"curl": "curl", "javascript": "node"}

AWKWARD = {"Inputs": {"input1": [{"name": 'D\'Arcy "x" \\n ${HOME} å', "size": 1.5}]}}


@pytest.mark.parametrize("with_key", [True, False])
@pytest.mark.parametrize("language", COMMANDS)
def test_the_code_gets_the_scores_of_the_endpoint(
    language: str, with_key: bool, deployed: DeployResult, trained: Trained, tmp_path: Path
) -> None:
    if shutil.which(NEEDED.get(language, "sh")) is None:
        pytest.skip(f"{language} is not installed.")
    sample = json.dumps(azure_request(*trained.rows[:2]))
    key = deployed.key if with_key else None
    command, name = COMMANDS[language]
    (tmp_path / name).write_text(consume_code(language, deployed.url, sample, key=key))

    done = subprocess.run(
        [command, name],
        cwd=tmp_path,
        env={**os.environ, "NO_PROXY": "127.0.0.1", "ENDPOINT_KEY": deployed.key},
        capture_output=True,
        text=True,
        check=True,
    )

    assert scores_in(language, done.stdout, trained)


def scores_in(language: str, text: str, trained: Trained) -> bool:
    """Tell whether what was printed holds the scores of the first two rows."""
    if language == "python":
        answer = ast.literal_eval(text)
    else:
        answer = json.loads(text.removeprefix("200 "))
    return same_scores(answer["Results"]["output1"], trained.expected[:2])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_key_is_in_the_code_only_when_it_is_wanted(language: str) -> None:
    url, sample = "https://people.example/score", json.dumps(AWKWARD)

    assert "a-secret-key" in consume_code(language, url, sample, key="a-secret-key")
    without = consume_code(language, url, sample)
    assert "ENDPOINT_KEY" in without
    assert url in without


@pytest.mark.parametrize(
    ("language", "pattern", "escapes"),
    [
        ("r", r"data <- '(.*?)(?<!\\)'\n", {r"\\(.)": r"\1"}),
        ("csharp", r'var data = @"(.*?)";\n', {'""': '"'}),
        ("curl", r"--data '(.*)'\n$", {r"'\\''": "'"}),
    ],
)
def test_quotes_in_rows_do_not_end_the_text_they_are_in(
    language: str, pattern: str, escapes: dict[str, str]
) -> None:
    code = consume_code(language, "https://people.example/score", json.dumps(AWKWARD))

    found = re.search(pattern, code, re.DOTALL)
    assert found is not None
    text = found[1]
    for escaped, plain in escapes.items():
        text = re.sub(escaped, plain, text)
    assert json.loads(text) == AWKWARD

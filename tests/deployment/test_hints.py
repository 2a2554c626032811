"""Hints hold for window and command line alike; the command line adds what is typed."""

from __future__ import annotations

import ast
import copy
import re
from pathlib import Path
from typing import get_args

import pytest

import designer.azure.deploy
import designer.deployment
from designer.cli.commands import deploy as command
from designer.deployment.problem import Remedy, ServingError

SERVING = Path(designer.deployment.__file__).parent
AZURE = Path(designer.azure.deploy.__file__).parent
SOURCES = [*SERVING.glob("*.py"), *AZURE.glob("*.py")]


def raises(node: ast.AST) -> bool:
    """Tell whether code makes an error."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id.endswith("Error")
    )


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_no_sentence_of_serving_tells_what_to_type(source: Path) -> None:
    """A sentence that names a flag or a command is of no use in the window."""
    calls = [each for each in ast.walk(ast.parse(source.read_text("utf-8"))) if raises(each)]
    texts = [
        part.value
        for call in calls
        for part in ast.walk(call)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]
    assert [text for text in texts if re.search(r"(^|[ :])(--[a-z]|designer [a-z])", text)] == []


@pytest.mark.parametrize("remedy", get_args(Remedy))
def test_the_command_line_says_what_is_typed_for_every_remedy(remedy: Remedy) -> None:
    error = ServingError("It does not work.", "Mend it.", remedy=remedy, subject="people")

    said = command.as_click(error).format_message()

    assert re.fullmatch(
        r"It does not work\.\nHint: Mend it: (--[a-z].*|designer [a-z ]+ people)", said
    )


def test_the_command_line_says_which_option_is_meant() -> None:
    error = ServingError("No AKS cluster is named.", "Name one.", option="cluster")

    said = command.as_click(error).format_message()

    assert said == "No AKS cluster is named.\nHint: Name one: --cluster"


def test_a_hint_without_a_remedy_stays_as_it_is() -> None:
    error = ServingError("It does not work.", "Mend it.", wrong_input=False)

    assert command.as_click(error).format_message() == "It does not work.\nHint: Mend it."


def test_an_error_comes_whole_out_of_another_process() -> None:
    error = ServingError(
        "No.", "Go.", remedy="start", subject="people", option="key", wrong_input=False
    )

    assert vars(copy.copy(error)) == vars(error)

"""What is rolled back after a failure, what is said about it, and whose mistake it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
import pytest

from designer.cli.commands.deploy import as_click
from designer.cli.errors import InputError
from designer.deployment.problem import ServingError
from designer.deployment.rollback import Rollback, rolled_back_on_failure


def nothing() -> None:
    pass


def refuse() -> None:
    raise PermissionError("It can't be removed.")


def error(wrong_input: bool = True) -> ServingError:
    return ServingError(
        "No answer.",
        "Check it.",
        remedy="show",
        subject="people",
        option="port",
        wrong_input=wrong_input,
    )


def failure(raised: BaseException, *made: tuple[str, Callable[[], object], str]) -> BaseException:
    try:
        with rolled_back_on_failure() as rollback:
            for each in made:
                rollback.add(*each)
            raise raised
    except BaseException as found:
        return found


@pytest.mark.parametrize("wrong_input", [True, False])
@pytest.mark.parametrize("message", ["", "It was removed."])
def test_a_cleanly_undone_failure_is_whose_it_was(wrong_input: bool, message: str) -> None:
    raised = error(wrong_input)
    found = failure(raised, ("the endpoint", nothing, message))
    assert isinstance(found, ServingError)
    # Without a message there is nothing to add to it.
    assert (found is raised) == (not message)
    assert found.hint == ("It was removed.\nCheck it." if message else "Check it.")
    assert (found.message, found.remedy, found.subject, found.option) == (
        "No answer.",
        "show",
        "people",
        "port",
    )
    assert found.wrong_input is wrong_input
    # The exit status of the command: 2 for a mistake of the user's, else 1.
    ended = as_click(found)
    assert isinstance(ended, InputError) is wrong_input
    assert isinstance(ended, click.ClickException)
    assert ended.exit_code == (2 if wrong_input else 1)


@pytest.mark.parametrize("wrong_input", [True, False])
def test_what_remains_is_no_mistake_of_the_users(wrong_input: bool) -> None:
    raised = error(wrong_input)
    found = failure(
        raised,
        ("the model", refuse, "The model was removed."),
        ("the version", nothing, "The version was removed."),
        ("the image", refuse, ""),
    )
    assert isinstance(found, ServingError)
    assert found.__cause__ is raised
    assert found.message == "No answer."
    # The last is removed first.
    assert found.hint == (
        "The version was removed. Rollback failed; these couldn't be removed: the image and the "
        "model. Delete them manually.\nCheck it."
    )
    assert not found.wrong_input
    assert as_click(found).exit_code == 1
    assert (found.remedy, found.subject, found.option) == ("show", "people", "port")


@pytest.mark.parametrize("raised", [KeyboardInterrupt(), ValueError("a bug")])
def test_an_interrupt_stays_one_unless_something_remains(raised: BaseException) -> None:
    assert failure(raised, ("the endpoint", nothing, "It was removed.")) is raised
    found = failure(raised, ("the endpoint", refuse, "It was removed."))
    assert isinstance(found, ServingError)
    assert found.message == "It was canceled."
    assert found.hint == (
        "Rollback failed; these couldn't be removed: the endpoint. Delete them manually."
    )
    assert not found.wrong_input
    assert found.__cause__ is raised


def test_everything_is_removed_once_and_the_last_first() -> None:
    removed: list[Any] = []
    rollback = Rollback()
    for number in range(3):
        rollback.add(str(number), lambda number=number: removed.append(number))
    rollback.add("broken", refuse)
    assert rollback.undo() == ["broken"]
    assert removed == [2, 1, 0]
    assert rollback.messages == []
    assert rollback.undo() == []
    assert removed == [2, 1, 0]


def test_nothing_is_removed_if_nothing_fails() -> None:
    removed: list[str] = []
    with rolled_back_on_failure() as rollback:
        rollback.add("the endpoint", lambda: removed.append("it"), "It was removed.")
    assert removed == rollback.messages == []

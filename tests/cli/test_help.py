"""Help texts: every option is explained, no sentence is broken off, examples are true."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from designer.cli.main import COMMANDS, main

OWN_EXAMPLES = ("run", "validate", "modules", "show", "diff")


def commands(
    group: click.Group = main, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


@pytest.mark.parametrize(
    ("path", "command"), [pytest.param(*each, id=" ".join(each[0])) for each in commands()]
)
def test_everything_is_explained(path: tuple[str, ...], command: click.Command) -> None:
    assert command.help
    options = [each for each in command.params if isinstance(each, click.Option)]
    assert [each.opts for each in options if not each.help and not each.hidden] == []
    text = CliRunner().invoke(main, [*path, "--help"], terminal_width=80).output
    assert "..." not in text.replace("ARGS]...", "").replace("RUN...", "").replace("]...", "")
    assert max(map(len, text.splitlines())) <= 80


def test_the_list_of_commands_breaks_no_sentence_off() -> None:
    text = CliRunner().invoke(main, ["--help"], terminal_width=80).output
    listed = text.partition("Commands:")[2]
    assert "..." not in listed
    for name in COMMANDS:
        assert f"\n  {name} " in listed


@pytest.mark.parametrize("name", OWN_EXAMPLES)
def test_examples_are_command_lines(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    lines = [line for line in (command.epilog or "").splitlines() if "designer " in line]
    assert lines
    for line in lines:
        program, called, *arguments = shlex.split(line)
        assert (program, called) == ("designer", name)
        # Raises where an option or argument is none of the command's.
        command.make_context(name, arguments)

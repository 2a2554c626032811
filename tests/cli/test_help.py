"""Help texts: every option is explained, no sentence is broken off, examples are true."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from designer.cli.main import main


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


def leaves() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    return (each for each in commands() if not isinstance(each[1], click.Group))


@pytest.mark.parametrize(
    ("path", "command"), [pytest.param(*each, id=" ".join(each[0])) for each in commands()]
)
def test_everything_is_explained(path: tuple[str, ...], command: click.Command) -> None:
    assert command.help
    options = [each for each in command.params if isinstance(each, click.Option)]
    assert [each.opts for each in options if not each.help and not each.hidden] == []
    text = CliRunner().invoke(main, [*path, "--help"], terminal_width=80).output
    assert "..." not in text.replace("ARGS]...", "").replace("RUN...", "").replace(
        "NAMES...", ""
    ).replace("VALUES...", "").replace("]...", "")
    assert max(map(len, text.splitlines())) <= 80


def test_the_list_of_commands_breaks_no_sentence_off() -> None:
    text = CliRunner().invoke(main, ["--help"], terminal_width=80).output
    listed = text.partition("Commands:")[2]
    assert listed.count("\n  ") > 10
    assert "..." not in listed
    for name in main.list_commands(click.Context(main)):
        assert f"\n  {name} " in listed


@pytest.mark.parametrize(
    ("path", "command"), [pytest.param(*each, id=" ".join(each[0])) for each in leaves()]
)
def test_examples_are_command_lines(path: tuple[str, ...], command: click.Command) -> None:
    lines = [line for line in (command.epilog or "").splitlines() if "designer " in line]
    assert lines
    for line in lines:
        program, *arguments = shlex.split(line)
        assert (program, *arguments[: len(path)]) == ("designer", *path)
        # Raises where an option or argument is none of the command's.
        # An option such as --explain answers, and exits.
        with contextlib.suppress(click.exceptions.Exit):
            command.make_context(path[-1], arguments[len(path) :])


def test_everybody_is_told_what_the_exit_status_says() -> None:
    text = " ".join(CliRunner().invoke(main, ["--help"]).output.split())
    assert "exit status of every command is 0 for success, 1 if" in text
    assert "2 if the input is wrong" in text


def test_every_command_of_endpoints_takes_the_workspace_as_all_others_do(
    designer, tmp_path
) -> None:
    for place in (["endpoints", "list"], ["endpoints"]):
        result = designer(*place, "--workspace", tmp_path / "w")
        assert result.exit_code == 0
        assert "There are no endpoints." in result.stdout
    before = designer("endpoints", "--workspace", tmp_path / "w", "show", "x")
    after = designer("endpoints", "show", "x", "--workspace", tmp_path / "w")
    assert (before.exit_code, before.stderr) == (after.exit_code, after.stderr) == (2, after.stderr)

"""The command ``designer``: opens the application, or runs one of its sub-commands.

Sub-commands are the files of ``designer.cli.commands``. They are imported when they are
called, so that starting up costs nothing more than click. Exit status: 0 success, 1 the
pipeline (or the program) failed, 2 the input is wrong.
"""

from __future__ import annotations

import contextlib
import difflib
import errno
import importlib
import os
import pkgutil
import sys
from pathlib import Path
from typing import Any

import click

from designer import __version__
from designer.cli import commands
from designer.cli.listing import FullHelpGroup, click_error, examples


class DesignerGroup(FullHelpGroup):
    """A group that imports its commands late and opens a file passed to it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the sub-commands: those of their files."""
        return [module.name for module in pkgutil.iter_modules(commands.__path__)]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import and return a sub-command; None if there is none of this name."""
        if name not in self.list_commands(ctx):
            return super().get_command(ctx, name)
        command = getattr(importlib.import_module(f"{commands.__name__}.{name}"), name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Open a file if the first argument isn't a sub-command."""
        first, names = args[0], self.list_commands(ctx)
        if first in names or first.startswith("-"):
            return super().resolve_command(ctx, args)
        if not Path(first).exists() and first == Path(first).stem:
            near = difflib.get_close_matches(first, names, n=1)
            hint = f" Did you mean “{near[0]}”?" if near else ""
            ctx.fail(f"There is no command and no file “{first}”.{hint}")
        return "open", _open, args

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the program; it hasn't succeeded before all of its output is written."""
        try:
            return super().main(*args, **kwargs)
        except SystemExit as end:
            lost = _flush_output()
            if lost is None or end.code:
                raise
        except OSError as error:
            # A help text: errors of a command were reported already.
            _flush_output()
            lost = error
        if lost.errno != errno.EPIPE:
            click.echo(f"Error: The output can't be written: {lost.strerror}.", err=True)
        sys.exit(1)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; every error ends as a message, not as a traceback."""
        # What a group leaves over is the command's.
        as_json = "--json" in ctx.args
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.Abort):
            raise
        except click.ClickException as error:
            if as_json:
                _print_error(error)
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise
            shown = _click_error(error)
            if as_json:
                # If the document failed for lack of space, another fails too.
                with contextlib.suppress(OSError):
                    _print_error(shown)
            raise shown from error


@click.group(
    cls=DesignerGroup,
    invoke_without_command=True,
    epilog=examples(
        "designer                               open the application",
        "designer samples/income.pipeline.json  open a pipeline",
        "designer run samples/income.pipeline.json",
        "designer run --help                    options and examples of one command",
    ),
)
@click.version_option(__version__, prog_name="designer")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Build, run, and compare machine learning pipelines.

    Without a command, or with a pipeline FILE only, the application opens. The
    exit status of every command is 0 for success, 1 if the pipeline (or the
    command itself) failed, 2 if the input is wrong.
    """
    for stream in (sys.stdout, sys.stderr):
        # A terminal that can't show a character gets a question mark, not an error.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    if os.environ.get("NO_COLOR"):
        # click itself doesn't support https://no-color.org
        ctx.color = False
    if ctx.invoked_subcommand is None:
        ctx.exit(_open_window(None))


@click.command("open", hidden=True, add_help_option=False)
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_context
def _open(ctx: click.Context, file: Path) -> None:
    """Open a pipeline in the application."""
    if not file.exists():
        ctx.fail(f"There is no file “{file}”.")
    ctx.exit(_open_window(file))


def _open_window(file: Path | None) -> int:
    if not _has_display():
        raise click.ClickException(
            "The window needs a display. Commands work without one, for example: designer run FILE"
        )
    from designer import texts
    from designer.stored_settings import chosen_language

    # Before the window's files are imported, which contain texts.
    texts.use(chosen_language())
    try:
        from designer.app.shell.main import open_window
    except ImportError as error:
        raise click.ClickException(
            f"The window can't open: {error}. Commands work without it."
        ) from error
    return int(open_window(file) or 0)


def _flush_output() -> OSError | None:
    """Write what is left in the standard output's buffer, and return what went wrong."""
    try:
        sys.stdout.flush()
    except OSError as error:
        with contextlib.suppress(OSError, ValueError):
            # It stays in the buffer, and Python would retry and end with a traceback.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)
        return error
    return None


def _has_display() -> bool:
    """Return whether Qt will look for one that there may be; without one, it ends the program."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")))


def _print_error(error: click.ClickException) -> None:
    """Print an error as the one JSON document of a command that had no other to print."""
    from designer.cli.output import print_json
    from designer.cli.run_report import ProblemsError

    if isinstance(error, ProblemsError):
        problems = [problem.to_json() for problem in error.problems]
        print_json({"valid": False, "problems": problems})
        return
    message, _, hint = error.format_message().partition("\nHint: ")
    print_json({"error": {"message": message, "hint": hint}})


def _click_error(error: Exception) -> click.ClickException:
    from designer.cli.errors import InputError, log_exception
    from designer.pipeline.file import PipelineFileError
    from designer.records import DamagedRecordError
    from designer.redaction import without_passwords
    from designer.tracking.settings import TrackingError
    from designer.workspace import WorkspaceError

    if isinstance(error, PipelineFileError):
        return InputError(error.message, error.hint)
    if isinstance(error, WorkspaceError):
        # A full disk isn't a wrong option; a folder that can't be used is.
        if "space" not in error.reason and not os.access(error.folder, os.W_OK | os.X_OK):
            return InputError(error.message, error.hint)
        return click.ClickException(f"{error.message}\nHint: {error.hint}")
    if isinstance(error, TrackingError):
        return click_error(error)
    if isinstance(error, DamagedRecordError):
        return click.ClickException(f"{error.message}\nHint: {error.hint}")
    if isinstance(error, OSError) and error.strerror:
        where = f"“{error.filename}”: " if error.filename else ""
        return click.ClickException(f"{where}{error.strerror}.")
    log = log_exception(error)
    kept = f" See “{log}” for details." if log else ""
    reason = without_passwords(str(error) or type(error).__name__).rstrip(".")
    return click.ClickException(f"Internal error: {reason}.{kept}")


if __name__ == "__main__":
    main()

from __future__ import annotations

import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from designer import __version__
from designer.cli import commands
from designer.cli.errors import log_exception

Command = Callable[..., Result]


def add_command(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, body: str) -> None:
    """Add a sub-command as anybody would: by a file."""
    added = folder / "commands"
    added.mkdir()
    text = f'import click\n\n@click.command()\ndef {name}():\n    """Do it."""\n    {body}\n'
    (added / f"{name}.py").write_text(text)
    monkeypatch.setattr(commands, "__path__", [*commands.__path__, str(added)])
    monkeypatch.delitem(sys.modules, f"designer.cli.commands.{name}", raising=False)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path | None]:
    """Put something that remembers in the place of the window."""
    files: list[Path | None] = []
    window = types.ModuleType("designer.app.shell.main")
    window.open_window = files.append  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "designer.app.shell.main", window)
    return files


def test_without_a_command_the_application_opens(
    designer: Command, opened: list[Path | None], tmp_path: Path
) -> None:
    path = tmp_path / "p.pipeline.json"
    path.touch()
    assert designer().exit_code == 0
    assert designer(path).exit_code == 0
    assert opened == [None, path]


def test_a_file_that_is_not_there_and_a_mistyped_command(
    designer: Command, opened: list[Path | None]
) -> None:
    result = designer("gone.pipeline.json")
    assert result.exit_code == 2
    assert "no file “gone.pipeline.json”" in result.stderr
    result = designer("valdate", "x")
    assert result.exit_code == 2
    assert "Did you mean “validate”?" in result.stderr
    assert opened == []


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there is always a display")
def test_without_a_display_no_window_is_tried(
    designer: Command, opened: list[Path | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    result = designer()
    assert result.exit_code == 1
    assert "needs a display" in result.stderr
    assert "designer run FILE" in result.stderr
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        with monkeypatch.context() as patch:
            patch.setenv(name, ":0")
            assert designer().exit_code == 0
    assert opened == [None] * 3


def test_version_and_help(designer: Command) -> None:
    assert __version__ in designer("--version").stdout
    text = designer("--help").stdout
    assert "validate" in text
    assert "diff" in text


def test_unknown_options_end_with_2(designer: Command) -> None:
    assert designer("--nope").exit_code == 2
    assert designer("validate", "--nope").exit_code == 2
    assert designer("validate").exit_code == 2


def test_a_file_in_the_folder_of_commands_is_a_command(
    designer: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert designer("greet").exit_code == 2
    add_command(tmp_path, monkeypatch, "greet", 'click.echo("Good morning")')
    assert designer("greet").stdout == "Good morning\n"
    assert "greet" in designer("--help").stdout
    assert "greet" in designer("gret").stderr


def test_what_goes_wrong_inside_ends_as_a_sentence_and_in_the_log(
    designer: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    add_command(
        tmp_path,
        monkeypatch,
        "broken",
        """raise RuntimeError("can't reach postgres://me:hunter2@host/db")""",
    )
    monkeypatch.setenv("MODELDESK_WORKSPACE", str(tmp_path))
    result = designer("broken")
    assert result.exit_code == 1
    assert "Internal error" in result.stderr
    log = tmp_path / "logs" / "designer.log"
    assert str(log) in result.stderr
    assert "Traceback" in log.read_text("utf-8")
    assert "postgres://me:***@host" in log.read_text("utf-8")
    assert "hunter2" not in log.read_text("utf-8") + result.output


def test_a_log_that_cannot_be_written_does_no_harm(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MODELDESK_WORKSPACE", str(tmp_path / "file"))
    assert log_exception(ValueError("x")) is None


def test_start_up_imports_no_heavy_library() -> None:
    script = (
        "import sys; from designer.cli.main import main\n"
        "try: main(['--version'])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'pandas', 'sklearn', 'PySide6', 'rich', 'pydantic', 'azureml'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        encoding="utf-8",
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert result.stdout.splitlines()[-1] == "[]"


def test_an_unknown_encoding_of_the_terminal_breaks_nothing(
    small: tuple[object, Path],
) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "designer.cli.main", "validate", str(small[1])],
        capture_output=True,
        cwd=Path(__file__).parents[2],
        env={"PYTHONIOENCODING": "ascii", "PATH": "", "SYSTEMROOT": "C:\\Windows"},
    )
    assert b"Traceback" not in result.stderr
    assert b"is valid" in result.stdout

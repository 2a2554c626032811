"""What commands print about a run: problems, and the result."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import IO, TYPE_CHECKING, Any, Protocol

import click

if TYPE_CHECKING:
    from designer.engine import RunResult
    from designer.pipeline.problem import Problem


class ProblemsError(click.ClickException):
    """All problems of a pipeline or of the values passed for it; exit status 2."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(problem.message for problem in self.problems))

    def show(self, file: IO[Any] | None = None) -> None:
        """Print every problem on stderr."""
        print_problems(self.problems)


class Handle(Protocol):
    """A run in progress, here or elsewhere."""

    def cancel(self) -> None:
        """End the run. Returns at once."""

    def stop(self) -> bool:
        """Ask steps that search to keep what they have; false if there is none."""

    def wait(self, timeout: float | None = None) -> RunResult | None:
        """Wait for the end; None if that takes longer."""


def run_to_end(start: Callable[[], Handle]) -> RunResult:
    """Start a run and wait for its end; an interrupt cancels it.

    While a step searches, the first Ctrl+C stops that step, which keeps what it has. An interrupt
    while the run is being started cancels it as soon as it has been; another one raises
    ``KeyboardInterrupt``.
    """
    handle: Handle | None = None
    early = asked = False

    def ended() -> None:
        nonlocal early
        if handle is not None:
            handle.cancel()
        elif early:
            raise KeyboardInterrupt
        else:
            early = True

    def interrupted() -> None:
        nonlocal asked
        if handle is not None and not asked and handle.stop():
            asked = True
            text = "Stopping the search after the trials in progress. Ctrl+C again cancels the run."
            os.write(2, f"{text}\n".encode())
        else:
            ended()

    with on_interrupt(ended, on_ctrl_c=interrupted):
        handle = start()
        if early:
            handle.cancel()
        while (result := handle.wait(0.5)) is None:
            pass
    return result


@contextlib.contextmanager
def on_interrupt(
    function: Callable[[], None], on_ctrl_c: Callable[[], None] | None = None
) -> Iterator[None]:
    """Call a function when the user or the system ends this program, or another for Ctrl+C.

    Closing the terminal ends it too. What whoever started the program wants it
    to ignore (``nohup``, a shell's ``&``) it ignores.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {
        number: signal.signal(
            number,
            lambda number, _: (
                on_ctrl_c() if on_ctrl_c is not None and number == signal.SIGINT else function()
            ),
        )
        for number in (getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP"))
        if number is not None and signal.getsignal(number) != signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def print_problems(problems: Iterable[Problem]) -> None:
    """Print the problems that prevent a run, on stderr."""
    for problem in problems:
        target = ".".join(filter(None, (problem.node, problem.port or problem.parameter)))
        click.echo(f"Error: {f'{target}: ' if target else ''}{with_code(problem)}", err=True)
        if problem.hint:
            click.echo(f"    {problem.hint}", err=True)


def with_code(problem: Problem) -> str:
    """Return a problem's message with its code, which “designer validate --explain” describes."""
    return f"{problem.message} [{problem.code}]" if problem.code else problem.message


def print_summary(result: RunResult) -> None:
    """Print how a run has ended, what its steps warn of, and its metrics."""
    counts: dict[str, int] = {}
    for node in result.nodes.values():
        counts[node.status] = counts.get(node.status, 0) + 1
    parts = ", ".join(f"{count} {status}" for status, count in counts.items())
    click.echo(f"Run {result.id} {result.status} in {result.seconds:.1f} s: {parts or 'no steps'}.")
    if result.error:
        click.secho(f"Error: {result.error}", fg="red", err=True)
    for name, ended in result.nodes.items():
        for warning in ended.warnings:
            click.secho(f"Warning: {name}: {warning}", fg="yellow", err=True)
    for node_id, metrics in result.metrics.items():
        click.echo(f"{node_id}:")
        width = max(len(name) for name in metrics) if metrics else 0
        for name, value in metrics.items():
            shown = "undefined" if value is None else f"{value:.6g}"
            click.echo(f"  {name:<{width}}  {shown}")

"""How a run is shown while it works: live on a terminal, as plain lines elsewhere."""

from __future__ import annotations

import math
import os
import sys
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any

from designer.engine import events

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from designer.pipeline.model import Pipeline
    from modules.contract.context import Trial


class RunProgress:
    """Shows the events of a run on stderr.

    Parameters
    ----------
    pipeline : Pipeline
        What runs.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self._console = _console()
        self._width = max((len(node) for node in pipeline.nodes), default=0)
        self._running: dict[str, tuple[float, float | None, str]] = {}
        self._best: dict[str, float] = {}
        self._lock = threading.Lock()
        self._live: Any = None

    def __enter__(self) -> RunProgress:
        if self._console.is_terminal:
            from rich.live import Live

            self._live = Live(
                get_renderable=self._render,
                console=self._console,
                refresh_per_second=10,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def take(self, event: events.Event) -> None:
        """Show an event."""
        node = event.node
        with self._lock:
            if isinstance(event, events.Running):
                self._running[node] = (time.monotonic(), None, "")
            elif isinstance(event, events.Progress) and node in self._running:
                self._running[node] = (self._running[node][0], event.fraction, event.text)
            elif not isinstance(event, (events.LogLine, events.Progress, events.TrialEnded)):
                self._running.pop(node, None)
        if isinstance(event, events.Running) and self._live is None:
            self._line(node, "running", "", "")
        elif isinstance(event, events.TrialEnded):
            self._trial(event.node, event.trial)
        elif isinstance(event, events.Completed):
            self._line(node, "completed", "green", f"{event.seconds:.2f} s")
        elif isinstance(event, events.Reused):
            self._line(node, "reused", "cyan", "")
        elif isinstance(event, events.Failed):
            self._line(node, "failed", "red", event.error.get("message", ""))
            hint = event.error.get("hint")
            if hint:
                self._print(f"  {'':<{self._width}}  {'':<9}  {hint}", "")
        elif isinstance(event, events.Skipped):
            self._line(node, "skipped", "yellow", event.reason)
        elif isinstance(event, events.Cancelled):
            self._line(node, "cancelled", "yellow", "")

    def _line(self, node: str, status: str, color: str, more: str) -> None:
        mark = _MARKS[status] if self._unicode else " "
        self._print(f"{mark} {node:<{self._width}}  {status:<9}  {more}".rstrip(), color)

    def _trial(self, node: str, trial: Trial) -> None:
        """Print the outcome of an attempt, and mark the best so far."""
        color = ""
        if trial.score is None:
            outcome = trial.problem
        else:
            gain = trial.score if trial.higher_is_better else -trial.score
            spread = "" if trial.spread is None else f" ± {trial.spread:.2g}"
            outcome = f"{trial.score:.5g}{spread}"
            if gain > self._best.get(node, -math.inf):
                self._best[node] = gain
                outcome += "  best so far"
                color = "bold"
        what = f"{trial.title}  {trial.details}".rstrip()
        count = f"{trial.number}/{trial.total}"
        self._print(f"  {node:<{self._width}}  {count:<9}  {outcome}  {what}", color)

    def _print(self, text: str, color: str) -> None:
        from rich.text import Text

        self._console.print(Text(text, style=color))

    @property
    def _unicode(self) -> bool:
        return (getattr(sys.stderr, "encoding", None) or "").lower().startswith("utf")

    def _render(self) -> RenderableType:
        from rich.text import Text

        with self._lock:
            running = dict(self._running)
        lines = []
        dots = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏" if self._unicode else "|/-\\"
        now = time.monotonic()
        for node, (since, fraction, text) in list(running.items())[: self._console.height - 2]:
            share = "" if fraction is None else f"  {fraction:4.0%} {text}"
            mark = dots[int(now * 10) % len(dots)]
            lines.append(f"{mark} {node:<{self._width}}  running    {now - since:.1f} s{share}")
        return Text("\n".join(lines), style="bold", no_wrap=True, overflow="ellipsis")


def _console() -> Console:
    from rich.console import Console

    class Progress(Console):
        def on_broken_pipe(self) -> None:
            # rich would end the thread, which is the engine's, and close the standard output.
            self.quiet = True
            # Buffered output would fail again at exit, and change the exit status.
            with open(os.devnull, "wb") as nothing:
                os.dup2(nothing.fileno(), sys.stderr.fileno())

    return Progress(stderr=True, highlight=False, soft_wrap=True)


_MARKS = {
    "running": "▸",
    "completed": "✓",
    "reused": "↺",
    "failed": "✗",
    "skipped": "–",
    "cancelled": "–",
}

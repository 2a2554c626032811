"""The state of one step during a run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from designer.engine.executors.base import Computed
from designer.engine.fingerprints import digest, value_digest
from designer.engine.plan import Step
from designer.engine.results import NodeResult, Output, metrics_of
from designer.engine.store.entry import Manifest, output_digest

ENDED = ("completed", "reused", "failed", "skipped", "cancelled")
"""The final statuses of a step."""


@dataclass(eq=False)
class StepState:
    """The state of a step during the run.

    ``status`` goes from ``waiting`` over ``submitted`` and ``computed`` to one of
    :data:`ENDED`. ``content`` contains hashes of the outputs of a step whose
    fingerprint doesn't cover them, and of the code that reads them.
    """

    step: Step
    status: str = "waiting"
    base: str = ""
    key: str = ""
    by_content: bool = False
    content: Mapping[str, str] | None = None
    present: frozenset[str] | None = None
    searched: bool = False
    attempt: int = 1
    future: Future[Manifest] | None = None
    log: Path | None = None
    queued: float = 0.0
    began: float = 0.0
    ended: float = 0.0
    worker: str = ""
    memory: int = 0
    seconds: float = 0.0
    outputs: Mapping[str, Output] = field(default_factory=dict)
    error: dict[str, Any] | None = None
    reason: str = ""
    warnings: tuple[str, ...] = ()
    metrics: Mapping[str, float | None] | None = None

    def take(self, manifest: Manifest, folder: Path) -> None:
        """Copy the facts about the step from an entry of the store, in a folder."""
        outputs = {}
        for port, summary in manifest["outputs"].items():
            outputs[port] = Output(
                summary["type"], folder / port, summary.get("rows"), summary.get("columns")
            )
            if summary.get("metrics"):
                self.metrics = metrics_of(summary["metrics"])
        self.outputs = outputs
        self.present = frozenset(outputs)
        self.warnings = tuple(manifest.get("warnings", ()))
        if self.by_content:
            self.content = {
                port: digest(output_digest(manifest, port), value_digest(folder / port))
                for port in outputs
            }

    def measure(self, computed: Computed, now: float) -> None:
        """Copy the facts about a computation that has just ended.

        Parameters
        ----------
        now : float
            By the clock of ``began``. The message that it began may have come late; with the
            seconds that it took, it would then end after the next step of its worker begins.
        """
        self.present = computed.ports
        self.seconds = computed.seconds
        self.memory = computed.memory
        self.warnings = computed.warnings
        self.began = min(self.began, now - computed.seconds)

    def reset(self) -> None:
        """Discard what was found, so that the step is checked from scratch."""
        self.status = "waiting"
        self.base = self.key = ""
        self.searched = False
        self.content = self.present = self.metrics = None
        self.outputs, self.warnings = {}, ()

    def result(self, run_began: float) -> NodeResult:
        """Return the result, once it has ended.

        Parameters
        ----------
        run_began : float
            When the run began, by the clock of ``queued``, ``began`` and ``ended``.
        """
        return NodeResult(
            status=self.status,
            seconds=0.0 if self.status == "reused" else self.seconds,
            outputs=self.outputs,
            error=self.error,
            log=self.log if self.log is not None and self.log.exists() else None,
            reason=self.reason,
            warnings=self.warnings,
            threads=self.step.threads if self.began else 0,
            started=max((self.began or self.ended) - run_began, 0.0),
            waited=max(self.began - self.queued, 0.0) if self.began else 0.0,
            worker=self.worker,
            memory=self.memory,
        )


def run_status(statuses: Collection[str], *, cancelled: bool) -> str:
    """Return the status of a run from those of its steps.

    Parameters
    ----------
    cancelled : bool
        The whole run was to be canceled, and not only some steps.
    """
    if cancelled and "cancelled" in statuses:
        return "cancelled"
    return next((each for each in ("failed", "cancelled") if each in statuses), "completed")

"""The steps of a deployment, and telling of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

STEPS: Mapping[str, str] = {
    "inference": "Make the inference pipeline",
    "entry-script": "Prepare the entry script",
    "configuration": "Prepare the inference configuration",
    "local": "Deploy on this computer to check",
    "compute": "Choose the compute target",
    "register": "Register the model",
    "deploy": "Deploy",
    "test": "Test the web service",
}
"""The steps in their order, each with what it is called on the screen."""

FILE_STEPS: Mapping[str, str] = {
    **{step: STEPS[step] for step in ("inference", "entry-script", "configuration")},
    "files": "Write the files of the deployment",
}
"""The steps of writing the files of a deployment instead of deploying."""

OnStep = Callable[[str, str, str], object]
"""Called with a step, ``running``, ``completed``, ``skipped`` or ``failed``, and what there is
to say: how far it is, a code to sign in with, why it failed. A step may be running several
times, with another text each."""


def steps_of(target: str) -> tuple[str, ...]:
    """Return the steps of a deployment to a target, in their order."""
    elsewhere = {"local": ("local", "compute"), "docker": ("local",)}
    return tuple(step for step in STEPS if step not in elsewhere.get(target, ()))


class Steps:
    """Tells of steps, one after the other: beginning one completes the one before.

    As a context, it tells of the step that an error ended.
    """

    def __init__(self, on_step: OnStep) -> None:
        self._on_step = on_step
        self._running = ""

    def __enter__(self) -> Steps:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            self._complete()
        elif self._running:
            self._on_step(self._running, "failed", str(error))

    def begin(self, step: str, text: str = "") -> None:
        """Tell that a step begins."""
        if step != self._running:
            self._complete()
        self._running = step
        self._on_step(step, "running", text)

    def say(self, text: str) -> None:
        """Tell how far the running step is."""
        self._on_step(self._running, "running", text)

    def skip(self, step: str, text: str = "") -> None:
        """Tell that a step is left out."""
        self._complete()
        self._on_step(step, "skipped", text)

    def _complete(self) -> None:
        running, self._running = self._running, ""
        if running:
            self._on_step(running, "completed", "")

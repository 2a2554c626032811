"""The steps of a deployment, and reporting them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

PACKAGE_STEPS: Mapping[str, str] = {
    "inference": "Create the inference pipeline",
    "entry-script": "Prepare the entry script",
    "configuration": "Prepare the inference configuration",
}
"""The steps that write a scoring package: titles by id."""

FILE_STEPS: Mapping[str, str] = {**PACKAGE_STEPS, "files": "Write the files of the deployment"}
"""The steps of writing the files of a deployment instead of deploying."""

_MORE_STEPS = {
    "local": "Test locally",
    "compute": "Choose the compute target",
    "register": "Register the model",
    "deploy": "Deploy",
    "test": "Test the endpoint",
}

OnStep = Callable[[str, str, str], object]
"""Called with the id of a step, ``running``, ``completed``, ``skipped`` or ``failed``, and a text:
its progress, a code to sign in with, why it failed. A step may be reported as running several
times, with another text each."""


def steps_of(*more: str) -> Mapping[str, str]:
    """Return the steps of a deployment: those of the package, and more in this order.

    Parameters
    ----------
    more : str
        ``local``, ``compute``, ``register``, ``deploy`` and ``test``, as far as a target has
        them.
    """
    return {**PACKAGE_STEPS, **{step: _MORE_STEPS[step] for step in more}}


class Steps:
    """Reports steps, one after the other: beginning one completes the one before.

    As a context, it reports the step that an error ended.
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
        """Report that a step begins."""
        if step != self._running:
            self._complete()
        self._running = step
        self._on_step(step, "running", text)

    def notify(self, text: str) -> None:
        """Report the progress of the running step."""
        self._on_step(self._running, "running", text)

    def skip(self, step: str, text: str = "") -> None:
        """Report that a step is left out."""
        self._complete()
        self._on_step(step, "skipped", text)

    def _complete(self) -> None:
        running, self._running = self._running, ""
        if running:
            self._on_step(running, "completed", "")

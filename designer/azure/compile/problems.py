"""Why a pipeline can't become an Azure ML pipeline, in sentences."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from designer.packaging.errors import PackagingError
from designer.pipeline.problem import Problem

NEEDED = {
    "v1": {"azureml-core": "1.61.0.post4", "azureml-pipeline-core": "1.62.0"},
    "v2": {"azure-ai-ml": "1.35"},
}
"""Distributions of each SDK, with the oldest version that is known to work."""


class CompileError(PackagingError):
    """A pipeline can't be compiled."""


class FolderError(Exception):
    """A folder can't be written: ``message`` contains the cause, ``hint`` what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def check_sdk(name: str) -> None:
    """Check that an SDK is installed, and not an old one.

    An installer that can't satisfy every package at once may put an azureml-core of
    years ago without a warning; the resulting errors are hard to understand.

    Parameters
    ----------
    name : str
        ``v1`` or ``v2``.

    Raises
    ------
    CompileError
        With one sentence for each distribution that is missing or too old.
    """
    from packaging.version import Version

    problems = []
    for distribution, oldest in NEEDED[name].items():
        hint = f"pip install --upgrade {_install(name)}"
        try:
            installed = version(distribution)
        except PackageNotFoundError:
            message = f"{distribution} isn't installed; Azure ML's SDK {name} needs it."
            problems.append(Problem("error", message, hint, code="azure-sdk"))
            continue
        if Version(installed) < Version(oldest):
            message = (
                f"{distribution} {installed} is too old, {oldest} or later is needed. "
                "Another package may have installed it."
            )
            problems.append(Problem("error", message, hint, code="azure-sdk"))
    if problems:
        raise CompileError(problems)


def _install(name: str) -> str:
    # A version in the command: without one, pip picks an old release again.
    sign = "==" if name == "v1" else ">="
    return " ".join(f'"{each}{sign}{oldest}"' for each, oldest in NEEDED[name].items())

"""The progress of a fit, from what scikit-learn's estimators print while they fit."""

from __future__ import annotations

import io
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from contextvars import copy_context
from typing import Any, TextIO

from modules.contract.context import has_progress_listener, report_progress

_MODULES = (
    "sklearn.ensemble._forest",
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting",
    "sklearn.neural_network._multilayer_perceptron",
)

_TREE = re.compile(r"building tree (\d+) of \d+")
_ROUND = re.compile(r"\[(\d+)/\d+\] ")
_PASS = re.compile(r"Iteration (\d+), loss")


@contextmanager
def reporting_fit(estimator: Any) -> Iterator[None]:
    """Report the progress of an estimator that is fitted inside.

    Forests report their trees, boosted trees and neural networks their iterations. They have no
    callbacks, but print on request, which changes nothing of the result. Without a listener
    nothing is requested.

    Parameters
    ----------
    estimator : object
        A scikit-learn estimator, or a ``Pipeline`` that ends in one.
    """
    final = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
    output = _output_of(final) if has_progress_listener() else None
    if output is None:
        yield
        return
    before, final.verbose = final.verbose, 2
    try:
        with redirect_stdout(output), redirect_stderr(_Errors(sys.stderr)):
            yield
    finally:
        final.verbose = before


def _output_of(estimator: Any) -> _Output | None:
    """Return what an estimator is to print to; None if it doesn't print its progress."""
    # What an estimator is an instance of is loaded; to import it for others would take longer than
    # many fits.
    forests, boosting, networks = map(sys.modules.get, _MODULES)
    if forests and isinstance(estimator, forests.BaseForest):
        return _Output(_TREE, "tree {number} of {total}", estimator.n_estimators)
    if boosting and isinstance(estimator, boosting.BaseHistGradientBoosting):
        return _Output(_ROUND, "iteration {number} of {total}", estimator.max_iter)
    if (
        networks
        and isinstance(estimator, networks.BaseMultilayerPerceptron)
        and estimator.solver != "lbfgs"
    ):
        return _Output(_PASS, "iteration {number} of {total}", estimator.max_iter)
    return None


class _Output(io.StringIO):
    """Reports numbers that are printed, and keeps nothing."""

    def __init__(self, pattern: re.Pattern[str], text: str, total: int) -> None:
        super().__init__()
        self._pattern, self._text, self._total = pattern, text, total
        # Forests print from threads, which don't know the listener.
        self._context = copy_context()
        self._lock = threading.Lock()

    def write(self, text: str) -> int:
        if found := self._pattern.match(text):
            number = int(found[1])
            message = self._text.format(number=number, total=self._total)
            with self._lock:
                self._context.run(report_progress, (number - 1) / self._total, message)
        return len(text)


class _Errors(io.StringIO):
    """Passes on what isn't joblib's report about its tasks."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream

    def write(self, text: str) -> int:
        return len(text) if text.startswith("[Parallel(") else self._stream.write(text)

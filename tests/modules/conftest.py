"""What the tests of modules share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from threadpoolctl import threadpool_limits

from modules.contract import ModuleError

pytest.register_assert_rewrite("same_values")


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Train as a run does: the number of threads is fixed, so that results repeat."""
    # Only the libraries that are there already are limited.
    import sklearn.ensemble  # noqa: F401
    from module_examples import one_thread_of_torch

    with threadpool_limits(1), one_thread_of_torch():
        yield


@pytest.fixture
def refused() -> Callable[..., object]:
    """Expect a ModuleError: its code, words of its sentence, and where it points."""

    @contextmanager
    def expect(
        code: str,
        *words: str,
        parameter: str | None = None,
        column: str | None = None,
        port: str | None = None,
    ) -> Iterator[pytest.ExceptionInfo[ModuleError]]:
        with pytest.raises(ModuleError) as caught:
            yield caught
        error = caught.value
        assert error.code == code
        for word in words:
            assert word in error.message
        assert error.hint
        if parameter is not None:
            assert error.parameter == parameter
        if column is not None:
            assert error.column == column
        if port is not None:
            assert error.port == port

    return expect

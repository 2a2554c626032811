"""What the tests of modules share."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[Any]:
    """Fail a test that proves modules and doesn't call them; with parameters, one of them."""
    mark = item.get_closest_marker("proves")
    if mark is None:
        return (yield)
    from module_examples import PALETTE

    waiting = {inspect.unwrap(PALETTE[name].function).__code__: name for name in mark.args}
    enough = len(waiting) - 1 if hasattr(item, "callspec") else 0
    before = sys.getprofile()

    def watch(frame: FrameType, event: str, _: object) -> None:
        if waiting.pop(frame.f_code, None) is not None and len(waiting) <= enough:
            # Every further call would take longer for nothing.
            sys.setprofile(before)

    sys.setprofile(watch)
    try:
        outcome = yield
    finally:
        sys.setprofile(before)
    if len(waiting) > enough:
        raise AssertionError(f"It doesn't call {', '.join(waiting.values())}.")
    return outcome


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

"""What every test gets: a display that is none, a workspace of its own, and a leak check."""

from __future__ import annotations

import functools
import gc
import json
import os
import signal
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from designer import paths
from designer.catalog import load_catalog, missing_distributions
from modules.contract import ModuleSpec
from modules.programs import titles

_no_display = sys.platform.startswith("linux") and not (
    os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
)
if _no_display or os.environ.get("CI"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# As the engine has it: OpenMP's threads wait for each other by spinning, which takes a multiple of
# the time where other tests run beside. It is read when scikit-learn is imported.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")

# A suite that runs in the background (``nohup``, a shell's ``&``) is told to ignore these, and so
# would the programs that the tests interrupt. A handler is not inherited by them.
for _name in ("SIGINT", "SIGHUP"):
    _number = getattr(signal, _name, None)
    if _number is not None and signal.getsignal(_number) == signal.SIG_IGN:
        signal.signal(_number, lambda *_: None)

settings.register_profile("ci", derandomize=True, max_examples=50, deadline=None, print_blob=True)
settings.register_profile("here", max_examples=25, deadline=None)
settings.register_profile("quick", max_examples=10, deadline=None)

COMPILED_WHEN_CALLED = {"umap-learn"}
"""Libraries that Numba compiles in each process that calls them, for some 13 seconds."""

PATIENCE = 60.0
"""Seconds that a thread or a window gets to end after its test: a worker may just be starting."""

WAITS = ("waitActive", "waitCallback", "waitExposed", "waitSignal", "waitSignals", "waitUntil")


def pytest_configure(config: pytest.Config) -> None:
    """Try fewer examples in ``make test``."""
    quick = config.option.markexpr == "not long"
    settings.load_profile("ci" if os.environ.get("CI") else "quick" if quick else "here")


def pytest_collection() -> None:
    """Don't search for garbage among 16,000 tests, of which none is; a quarter of the time."""
    gc.disable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Make tests long that try a module of a library that is compiled; it has tests of its own."""
    for item in items:
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        for value in parameters.values():
            if isinstance(value, ModuleSpec) and COMPILED_WHEN_CALLED & set(value.requires):
                item.add_marker(pytest.mark.long)


def pytest_collection_finish() -> None:
    """Leave what all tests share out of every search for garbage, which takes half a second."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def workspace_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep the person's own workspace out of the tests."""
    folder = tmp_path_factory.mktemp("workspace")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MODELDESK_WORKSPACE", str(folder))
        patch.setenv("MODELDESK_TRACKING", "off")
        yield folder


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test of a module whose library or program isn't installed, as PyTorch or R.

    Also a test of a sample with such a module.
    """
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    for value in parameters.values():
        name = getattr(value, "name", value)
        for spec in [value] if isinstance(value, ModuleSpec) else _modules_of_sample(name):
            needed = missing_distributions(spec.requires)
            if needed:
                pytest.skip(f"{spec.title} needs {', '.join(titles(needed))}")


def _modules_of_sample(name: object) -> list[ModuleSpec]:
    """Return the modules of a sample by its name, or by that of its file."""
    path = _samples().get(str(name).removesuffix(".pipeline.json"))
    if path is None:
        return []
    nodes = json.loads(path.read_text("utf-8"))["nodes"].values()
    return [spec for each in nodes if (spec := _catalog().get(each["module"])) is not None]


@functools.cache
def _samples() -> Mapping[str, Path]:
    suffix = ".pipeline.json"
    return {each.name.removesuffix(suffix): each for each in paths.samples().glob(f"*{suffix}")}


_catalog = functools.cache(load_catalog)


@pytest.fixture
def qtbot(qtbot: Any) -> Any:
    """Wait a minute for what is expected, not 5 seconds: other programs may need the cores."""
    for name in WAITS:
        setattr(qtbot, name, functools.partial(getattr(qtbot, name), timeout=60_000))
    return qtbot


@pytest.fixture(autouse=True)
def nothing_leaks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test of the window that leaves a thread, a timer or a window behind.

    The marker ``allow_leaks`` switches it off. What fixtures of a wider scope made
    before the test is not the test's.
    """
    uses_qt = {"qtbot", "qapp"} & set(request.fixturenames)
    if not uses_qt or request.node.get_closest_marker("allow_leaks"):
        yield
        return

    from PySide6.QtCore import QThread, QThreadPool, QTimer
    from PySide6.QtWidgets import QApplication

    windows = {id(window) for window in QApplication.topLevelWidgets()}
    threads = set(threading.enumerate())
    owners = _owners_of_workers()
    with pytest.MonkeyPatch.context() as patch:
        qt_threads = _remember_starts(patch, QThread)
        timers = _remember_starts(patch, QTimer)
        yield

    def leaks() -> list[str]:
        found = [
            f"thread {each}"
            for each in threading.enumerate()
            if each not in threads and not _of_workers(each, owners) and not _of_azureml(each)
        ]
        found += [f"QThread {each}" for each in qt_threads() if _alive(each.isRunning)]
        found += [f"QTimer {each}" for each in timers() if _alive(each.isActive)]
        found += [
            f"window {each}" for each in QApplication.topLevelWidgets() if id(each) not in windows
        ]
        if QThreadPool.globalInstance().activeThreadCount():
            found.append("work in QThreadPool.globalInstance()")
        return found

    left = _settled(leaks)
    if left:
        pytest.fail("the test left behind: " + "; ".join(left), pytrace=False)


def _owners_of_workers() -> tuple[str, ...]:
    """Return the beginnings of the names of the threads of the engines that are there."""
    module = sys.modules.get("designer.engine.executors.processes")
    return () if module is None else tuple(f"engine {owner.name}" for owner in module.owners)


def _of_workers(thread: threading.Thread, owners: tuple[str, ...]) -> bool:
    """Tell whether a thread is of the workers of an engine from before the test.

    A worker may report only now, and what an earlier test has cancelled may be replaced only now.
    """
    return thread.name.startswith(owners)


def _of_azureml(thread: threading.Thread) -> bool:
    """Tell whether a thread is a timer of SDK v1, which starts itself again until the process ends.

    A test that used the SDK earlier in this process has started it.
    """
    return isinstance(thread, threading.Timer) and thread.function.__module__.startswith("azureml.")


def _remember_starts(patch: pytest.MonkeyPatch, kind: type) -> Callable[[], list]:
    started: list[weakref.ref] = []
    start = kind.start

    def remember(self: object, *arguments: object) -> object:
        started.append(weakref.ref(self))
        return start(self, *arguments)

    patch.setattr(kind, "start", remember)
    return lambda: [each for each in (ref() for ref in started) if each is not None]


def _alive(question: Callable[[], bool]) -> bool:
    try:
        return question()
    except RuntimeError:
        # Its C++ half is deleted already.
        return False


def _settled(leaks: Callable[[], list[str]]) -> list[str]:
    """Give what is ending the time to end; return what is left then."""
    from PySide6.QtCore import QCoreApplication, QEvent

    end = time.monotonic() + PATIENCE
    while True:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        QCoreApplication.processEvents()
        left = leaks()
        if not left or time.monotonic() > end:
            return left
        gc.collect()
        threading.Event().wait(0.02)

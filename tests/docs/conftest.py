"""What following the pages takes: the whole window, and a pipeline that can be deployed."""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parents[1] / "app"))
sys.path.append(str(Path(__file__).parents[1] / "deployment"))

from serving_examples import Trained, train
from window_desk import close

from designer.app.shell.main_window import MainWindow
from designer.app.shell.settings import Settings
from designer.catalog import load_catalog
from designer.deployment.deploying import Packed, pack
from designer.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module", autouse=True)
def collection_in_this_thread() -> Iterator[None]:
    """Free cycles of Qt objects here, as the application does, and not in a worker's thread."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture
def add_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], ModuleType]:
    """Add a file to a package of the project for the time of a test, and import it."""

    def add(name: str, source: str) -> ModuleType:
        package, _, module = name.removesuffix(".py").replace("/", ".").rpartition(".")
        assert not (ROOT / name).exists()
        path = tmp_path / "added" / name
        path.parent.mkdir(parents=True)
        path.write_text(source, "utf-8")
        folder = importlib.import_module(package)
        monkeypatch.setattr(folder, "__path__", [*folder.__path__, str(path.parent)])
        # Undone after the test: it is no part of the project.
        monkeypatch.setitem(sys.modules, f"{package}.{module}", ModuleType(module))
        del sys.modules[f"{package}.{module}"]
        monkeypatch.setattr(folder, module, None, raising=False)
        return importlib.import_module(f"{package}.{module}")

    return add


@pytest.fixture
def open_window(qapp: Any, qtbot: Any, tmp_path: Path) -> Iterator[Callable[[], MainWindow]]:
    """Open a window with an empty pipeline."""
    opened: list[MainWindow] = []

    def open_one() -> MainWindow:
        (tmp_path / "samples").mkdir()
        window = MainWindow(
            Settings(tmp_path / "settings.ini"),
            load_catalog(),
            workspace=Workspace(tmp_path / "workspace"),
            samples=tmp_path / "samples",
        )
        opened.append(window)
        with qtbot.waitExposed(window):
            window.show()
        window.files.new()
        with qtbot.waitActive(window):
            window.activateWindow()
        window.canvas.setFocus()
        return window

    yield open_one
    for window in opened:
        close(window)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Return a pipeline that was run."""
    return train(tmp_path_factory.mktemp("people"))


@pytest.fixture(scope="session")
def packed(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Packed:
    """Return its scoring package."""
    folder = tmp_path_factory.mktemp("packed") / "package"
    return pack(trained.workspace, trained.file, folder, "people")

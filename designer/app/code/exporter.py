"""Exports the open pipeline outside of the window's thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

from designer.app.code.preview import Preview, Request, preview, save
from designer.app.document.agreements import Agreements
from designer.app.document.checker import Checker
from designer.app.runs.run_controller import RunController
from designer.catalog import Catalog
from designer.pipeline.model import Endpoint


class Exporter:
    """Exports pipelines for the window.

    Parameters
    ----------
    agreements : Agreements
        Which files of a pipeline may be looked at.
    controller : RunController
        Has the engine, whose process loads what is too large for the window.
    checker : Checker
        Has the threads.
    """

    def __init__(
        self,
        catalog: Catalog,
        agreements: Agreements,
        controller: RunController,
        checker: Checker,
    ) -> None:
        self._catalog = catalog
        self._agreements = agreements
        self._controller = controller
        self._checker = checker

    def preview(
        self, request: Request, done: Callable[[Preview], object], *, loads_libraries: bool
    ) -> None:
        """Write code to show.

        Parameters
        ----------
        loads_libraries : bool
            Whether it takes a process that may load the libraries of modules.
        """

        def here() -> Preview:
            return preview(request, self._closed(request), self._catalog)

        def there() -> Preview:
            return cast("Preview", self._call(preview, request, self._closed(request)))

        work = there if loads_libraries else here
        self._checker.in_background(work, done, with_engine=loads_libraries)

    def save(
        self,
        request: Request,
        path: Path,
        results: Mapping[Endpoint, Path],
        done: Callable[[str], object],
    ) -> None:
        """Write code to a file; what prevents that is passed on, or an empty text."""

        def work() -> str:
            return str(self._call(save, request, self._closed(request), path, dict(results)))

        self._checker.in_background(work, done, with_engine=True)

    def _closed(self, request: Request) -> set[str]:
        return self._agreements.closed(request.pipeline, request.file.parent)

    def _call(self, function: Callable[..., object], *arguments: object) -> object:
        return self._controller.engine().result().call(function, *arguments).result()

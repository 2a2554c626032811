"""From the bytes of a request to the bytes of its response, for every server of a package."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Collection
from pathlib import Path
from typing import Any

from modules.contract.errors import ModuleError
from modules.endpoint.bodies import parse, too_deep
from modules.endpoint.http_error import HttpError, internal
from modules.endpoint.recorder import Recorder
from modules.endpoint.request_formats import Results, ScoringRequest, read_request
from modules.scoring import NotByRows, Scorer

_log = logging.getLogger(__name__)


class Service:
    """Responds to requests with a scoring folder.

    Parameters
    ----------
    folder : Path
        The scoring folder; see :class:`modules.scoring.Scorer`.
    allowed : collection of str
        Effects that it may have.

    Raises
    ------
    ModuleError
        If it can't be read, or has another effect.
    """

    def __init__(self, folder: Path, allowed: Collection[str] = ()) -> None:
        self.scorer = Scorer(folder, allowed=allowed)
        self._inputs = list(self.scorer.inputs)
        self._tables: Scorer | None = None
        self.recorder: Recorder | None = None

    @property
    def compiled(self) -> bool:
        """Whether rows are scored without tables."""
        return self.scorer.compiled

    def answer(self, body: bytes, *, tables: bool = True) -> bytes:
        """Return the response to a request.

        Parameters
        ----------
        body : bytes
            JSON in one of the formats of :mod:`modules.endpoint.request_formats`.
        tables : bool
            Whether tables may be used, which can take seconds.

        Raises
        ------
        HttpError
            If the request is invalid, or the endpoint failed.
        NotByRows
            If it needs tables, and they may not be used.
        """
        answer = self.answer_document(parse(body), tables=tables)
        try:
            return encode(answer)
        except RecursionError:
            # Without validation a value can be anything, and is returned.
            raise too_deep() from None

    def answer_document(self, document: Any, *, tables: bool = True) -> Any:
        """Return the response to a parsed request, as :meth:`answer` does."""
        request = read_request(document, self._inputs)
        try:
            results = self.scorer.score(request.inputs, request.parameters, tables=tables)
        except NotByRows:
            raise
        except ModuleError as error:
            wrong = HttpError.of(error)
            if wrong.status == 500:
                _log.error("A request failed: %s", error, exc_info=error)
            raise wrong from None
        except RecursionError:
            raise too_deep() from None
        except Exception as error:
            if not tables:
                raise NotByRows from error
            results = self._by_tables(request, error)
        if self.recorder is not None:
            self.recorder.take(request.inputs, results)
        return request.respond(results)

    def warm_up(self) -> None:
        """Score an example, so that the first request doesn't wait.

        Raises
        ------
        ModuleError
            If the package can't score its own example rows.
        """
        rows = {name: rows[:1] for name, rows in self.scorer.samples.items()}
        if rows and all(rows.values()):
            self.scorer.score(rows)

    def _by_tables(self, request: ScoringRequest, error: Exception) -> Results:
        """Score a request that failed in the compiled form; tables have better errors."""
        try:
            if not self.compiled:
                raise error
            if self._tables is None:
                self._tables = Scorer(
                    self.scorer.folder, compiled=False, allowed=self.scorer.allowed
                )
            return self._tables.score(request.inputs, request.parameters)
        except ModuleError as found:
            raise HttpError.of(found) from None
        except Exception as found:
            _log.error("A request failed.", exc_info=found)
            raise internal() from found


def encode(document: Any) -> bytes:
    """Return a document as JSON in UTF-8; numbers that aren't finite become null."""
    try:
        return _compact.encode(document).encode()
    except UnicodeEncodeError:
        # Half a surrogate pair, which JSON can represent and UTF-8 can't.
        return json.dumps(_finite(document), separators=(",", ":")).encode()
    except ValueError:
        return encode(_finite(document))


_compact = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value

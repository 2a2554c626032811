"""The error responses of an endpoint."""

from __future__ import annotations

from typing import Any

from modules.contract.errors import ModuleError


class HttpError(Exception):
    """A request that gets an error response instead of scores.

    Parameters
    ----------
    status : int
        The HTTP status.
    code : str
        A stable identifier in ``kebab-case``.
    message, hint : str
        One sentence each: the problem, and what to do about it.
    column : str, optional
        The invalid column.
    headers : tuple
        Additional headers of the response.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        hint: str = "",
        column: str | None = None,
        *,
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.hint = hint
        self.column = column
        self.headers = headers

    @classmethod
    def of(cls, error: ModuleError) -> HttpError:
        """Return the response to a module's error."""
        status = 400 if error.code in _MALFORMED else 500 if error.code in _OURS else 422
        if status == 500:
            return internal()
        return cls(status, error.code, error.message, error.hint, error.column)

    def to_json(self) -> dict[str, Any]:
        """Return the body of the response."""
        fields = ("code", "message", "hint", "column")
        return {"error": {name: getattr(self, name) for name in fields if getattr(self, name)}}


def internal() -> HttpError:
    """Return the response to a request that failed because of the endpoint."""
    return HttpError(
        500,
        "endpoint-failed",
        "The endpoint couldn't score this request.",
        "See the endpoint's log.",
    )


_MALFORMED = frozenset(
    (
        "not-rows",
        "not-a-row",
        "no-rows",
        "input-unknown",
        "input-missing",
        "parameter-unknown",
        "row-counts-differ",
    )
)
"""The request is malformed; all other codes are about its rows."""

_OURS = frozenset(
    (
        "package-damaged",
        "package-too-new",
        "not-a-package",
        "module-unknown",
        "model-damaged",
        "value-damaged",
        "type-not-trusted",
        "folder-not-found",
        "missing-library",
    )
)
"""An error in the package, not in the request."""

"""The exception that modules raise for problems the user can fix."""

from __future__ import annotations

from typing import Any

from modules.contract.messages import readable


class ModuleError(Exception):
    """A step can't run, for a reason that the user can act on.

    Parameters
    ----------
    code : str
        A stable identifier in ``kebab-case``, for example ``"column-not-found"``.
    message : str
        One sentence that describes the problem and names the column, value or file. Names
        and values in it are shortened if they are long.
    hint : str, optional
        One imperative sentence: what to do about it.
    port, parameter, column : str, optional
        Location of the problem, so that the window can highlight it.
    line : int, optional
        The line of the user's script, counted from 1.
    """

    def __init__(
        self,
        code: str,
        message: str,
        hint: str = "",
        *,
        port: str | None = None,
        parameter: str | None = None,
        column: str | None = None,
        line: int | None = None,
    ) -> None:
        message = readable(message)
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = readable(hint)
        self.port = port
        self.parameter = parameter
        self.column = column
        self.line = line

    def to_json(self) -> dict[str, Any]:
        """Return the error as plain data: the content of ``error.json``."""
        fields = ("code", "message", "hint", "port", "parameter", "column", "line")
        return {name: getattr(self, name) for name in fields if getattr(self, name)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ModuleError:
        """Rebuild an error from :meth:`to_json`."""
        return cls(
            data.get("code", "error"),
            data.get("message", ""),
            data.get("hint", ""),
            port=data.get("port"),
            parameter=data.get("parameter"),
            column=data.get("column"),
            line=data.get("line"),
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self).from_json, (self.to_json(),))


def reason_of(error: Exception) -> str:
    """Return why something can't be read, as the end of a sentence."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, KeyError):
        return f"{error} is missing"
    if isinstance(error, RecursionError):
        return "it nests too deeply"
    return str(error).rstrip(".") or type(error).__name__

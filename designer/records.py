"""Records: small JSON files that are written whole, and read with their shape checked.

Every file that ModelDesk remembers something in is read here, so that one that is damaged is
named, and never keeps the others from being read.
"""

from __future__ import annotations

import errno
import json
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from designer.replacing import replace_content

LIMIT = 256 * 1024**2
"""Bytes of the largest record that is read: a run of very many steps has some megabytes."""

DEPTH = 100
"""Levels of the deepest record that is read. Writing JSON recurses, too."""

Moment = Annotated[float, Field(ge=0, le=32_503_680_000, allow_inf_nan=False)]
"""Seconds since 1970, until the year 3000, which is the last one that Windows can show."""

Duration = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
"""Seconds."""


class Record(BaseModel):
    """Base of the shapes of records; fields that a shape doesn't name are kept."""

    model_config = ConfigDict(strict=True, extra="allow", defer_build=True)

    def plain(self) -> dict[str, Any]:
        """Return the object that is in the file."""
        return self.model_dump(exclude_unset=True)


R = TypeVar("R", bound=Record)


class DamagedRecordError(OSError):
    """A record can't be read: ``message`` contains the cause, ``hint`` what to do.

    Parameters
    ----------
    path : Path
        The file.
    reason : str
        What is wrong with it, as the end of a sentence.
    hint : str
        What to do, in one sentence.
    """

    def __init__(self, path: Path, reason: str, hint: str) -> None:
        self.path = path
        self.reason = reason
        self.message = f"“{path}” is damaged: {reason}."
        self.hint = hint
        super().__init__(self.message)

    def __reduce__(self) -> tuple[type[DamagedRecordError], tuple[Path, str, str]]:
        return (type(self), (self.path, self.reason, self.hint))


def read_record(
    path: Path, shape: type[R], hint: str = "Delete it, or restore it from a backup."
) -> R | None:
    """Return the record in a file; None if there is no such file.

    Raises
    ------
    DamagedRecordError
        If it can't be read, or isn't of this shape; with the hint.
    """
    try:
        content = json.loads(_content(path).decode("utf-8"))
        if not isinstance(content, dict):
            raise ValueError("it doesn't contain a JSON object")
        _check_depth(content)
        return shape.model_validate(content)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        reason = error.strerror or str(error)
        raise DamagedRecordError(path, f"{reason[:1].lower()}{reason[1:]}", hint) from error
    except ValidationError as error:
        raise DamagedRecordError(path, _first(error), hint) from error
    except RecursionError as error:
        raise DamagedRecordError(path, "it nests too deeply", hint) from error
    except json.JSONDecodeError as error:
        reason = f"line {error.lineno} isn't JSON"
        raise DamagedRecordError(path, reason, hint) from error
    except UnicodeDecodeError as error:
        raise DamagedRecordError(path, "it isn't UTF-8 text", hint) from error
    except ValueError as error:
        reason = str(error).partition(";")[0].partition("\n")[0]
        raise DamagedRecordError(path, f"{reason[:1].lower()}{reason[1:200]}", hint) from error


def write_record(path: Path, content: Mapping[str, Any], *, indent: int | None = 1) -> None:
    """Write a record for the user alone: wholly or not at all, and to the disk at once.

    Raises
    ------
    OSError
        If it can't be written; the file is as it was.
    TypeError, ValueError
        If the content isn't plain JSON.
    """
    text = json.dumps(content, indent=indent, ensure_ascii=False) + "\n"
    # Half of a surrogate pair, which file names may have, becomes JSON's own escape.
    replace_content(path, text.encode("utf-8", "backslashreplace"), private=True)


def _content(path: Path) -> bytes:
    # A named pipe would wait for a writer, a device never end.
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "it isn't a file")
    if path.stat().st_size > LIMIT:
        raise OSError(errno.EFBIG, f"it is larger than {LIMIT // 1024**2} MB")
    with path.open("rb") as file:
        return file.read(LIMIT)


def _check_depth(content: Any) -> None:
    level = [content]
    for _ in range(DEPTH):
        level = [
            each
            for part in level
            for each in (part.values() if isinstance(part, dict) else part)
            if isinstance(each, (dict, list))
        ]
        if not level:
            return
    raise RecursionError


def _first(error: ValidationError) -> str:
    """Return the first thing that is wrong with the shape."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(map(str, first["loc"]))[:80]
    reason = first["msg"].removeprefix("Value error, ")[:200]
    return f"{f'“{where}”: ' if where else ''}{reason[:1].lower()}{reason[1:]}"

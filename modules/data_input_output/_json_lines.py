"""JSON to a table: an object on each line, or one list of objects."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract import DataTable, ModuleError, warn
from modules.contract.context import sample_rows
from modules.data_input_output._parsing import Parsing
from modules.data_input_output._typed_columns import exact, parse_dates

if TYPE_CHECKING:
    import pandas as pd

_MARK = b"\xef\xbb\xbf"
_SAVE = "Save the file as UTF-8."
_HOW = "JSON lines has one object on each line: {“name”: value, ...}."
_HOW_LISTED = "A list has one object for each row: [{“name”: value, ...}, ...]."
_EXPECTED = {
    "Expecting value": "a value",
    "Expecting ',' delimiter": "a comma or the end of the object or list",
    "Expecting ':' delimiter": "a colon after the name",
    "Expecting property name": "a name in double quotes",
    "Unterminated string": "a double quote at the end of the text that begins there",
    "Invalid control character": "no line break or tab inside of a text",
    "Invalid \\": "a character that may follow a backslash",
    "Extra data": "the end of the line or file",
    "Illegal trailing comma": "nothing, or another value after the comma",
}
"""What is expected where Python's parser says so."""
_KINDS = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}


def read_json_lines(path: Path, parsing: Parsing) -> pd.DataFrame:
    """Read a file of objects; numbers keep every digit, nested values become JSON text.

    Raises
    ------
    ModuleError
        If it holds something else; the line is named.
    """
    import pandas as pd

    with path.open("rb") as stream:
        is_list = stream.read(64).removeprefix(_MARK).lstrip().startswith(b"[")
    rows = _listed(path) if is_list else _lined(path)
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {}
    for name in names:
        values = [row.get(name) for row in rows]
        columns[name] = pd.Series(exact(name, as_json_text(name, values)), index=range(len(rows)))
    frame = pd.DataFrame(columns, index=range(len(rows)))
    return parse_dates(DataTable(frame).frame, parsing.dates)


def as_json_text(name: str, values: list[Any]) -> list[Any]:
    """Return values with lists and objects written as JSON text, and say so."""
    if not any(isinstance(value, (dict, list)) for value in values):
        return values
    warn(f"Column “{name}” holds lists or objects; they are kept as JSON text.")
    return [
        json.dumps(value, ensure_ascii=False, default=str)
        if isinstance(value, (dict, list))
        else value
        for value in values
    ]


def _lined(path: Path) -> list[dict[str, Any]]:
    with path.open("rb") as stream:
        return list(itertools.islice(_objects(stream), sample_rows()))


def _objects(stream: Any) -> Any:
    for number, line in enumerate(stream, start=1):
        text = line.removeprefix(_MARK) if number == 1 else line
        if not text.strip():
            continue
        try:
            row = json.loads(text.decode("utf-8").rstrip("\r\n"))
        except UnicodeDecodeError as error:
            raise _not_json(f"Line {number} is not UTF-8 text.", _SAVE) from error
        except json.JSONDecodeError as error:
            raise _broken(number, error.pos + 1, error, _HOW) from error
        except RecursionError as error:
            raise _not_json(f"The values of line {number} are nested too deeply.", _HOW) from error
        except ValueError as error:
            raise _too_long(f"of line {number}") from error
        if not isinstance(row, dict):
            raise _no_object(f"Line {number}", row, _HOW)
        yield row


def _listed(path: Path) -> list[dict[str, Any]]:
    """Read one list of objects, the other way in which tables are written as JSON."""
    try:
        rows = json.loads(path.read_text("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _not_json("The file is not UTF-8 text.", _SAVE) from error
    except json.JSONDecodeError as error:
        raise _broken(error.lineno, error.colno, error, _HOW_LISTED) from error
    except RecursionError as error:
        raise _not_json("The values are nested too deeply.", _HOW) from error
    except ValueError as error:
        raise _too_long("of the list") from error
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise _no_object(f"Item {number} of the list", row, _HOW_LISTED)
    return list(rows[: sample_rows()])


def _broken(line: int, character: int, error: json.JSONDecodeError, hint: str) -> ModuleError:
    expected = next(
        (words for start, words in _EXPECTED.items() if error.msg.startswith(start)), "JSON"
    )
    return _not_json(
        f"Line {line} is not JSON: at character {character} {expected} is expected.", hint
    )


def _no_object(place: str, value: Any, hint: str) -> ModuleError:
    return _not_json(f"{place} is {_KINDS.get(type(value), 'a number')}, not an object.", hint)


def _too_long(place: str) -> ModuleError:
    # Python reads whole numbers of up to some thousand digits.
    return _not_json(f"A number {place} has too many digits.", "Make it text, in quotes.")


def _not_json(message: str, hint: str) -> ModuleError:
    return ModuleError("not-the-format", message, hint, parameter="format")

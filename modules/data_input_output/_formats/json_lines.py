"""Read JSON into a table: one object per line, or a list of objects."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract import DataTable, ModuleError, warn
from modules.contract.context import sample_rows
from modules.data_input_output._dates import parse_dates
from modules.data_input_output._parsing import Parsing
from modules.data_input_output._typed_columns import exact

if TYPE_CHECKING:
    import pandas as pd

_MARK = b"\xef\xbb\xbf"
_SAVE = "Save the file as UTF-8."
_HOW = "Write one object per line: {“name”: value, ...}."
_HOW_LISTED = "Write one object per row: [{“name”: value, ...}, ...]."
_EXPECTED = {
    "Expecting value": "a value",
    "Expecting ',' delimiter": "a comma or the end of the object or list",
    "Expecting ':' delimiter": "a colon after the name",
    "Expecting property name": "a name in double quotes",
    "Unterminated string": "a double quote at the end of the text that starts there",
    "Invalid control character": "no line break or tab inside a text",
    "Invalid \\": "a character that may follow a backslash",
    "Extra data": "the end of the line or file",
    "Illegal trailing comma": "nothing, or another value after the comma",
}
"""What is expected, by the messages of Python's parser."""
_KINDS = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}


def read_json_lines(path: Path, parsing: Parsing) -> pd.DataFrame:
    """Read a file of objects; numbers keep every digit, nested values become JSON text.

    Raises
    ------
    ModuleError
        If it contains something else; the error names the line.
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
    return parse_dates(DataTable(frame).frame, parsing)


def as_json_text(name: str, values: list[Any]) -> list[Any]:
    """Return values with lists and objects converted to JSON text, with a warning."""
    if not any(isinstance(value, (dict, list)) for value in values):
        return values
    warn(f"Column “{name}” contains lists or objects; they were converted to JSON text.")
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
            raise _not_json(f"Line {number} isn't UTF-8 text.", _SAVE) from error
        except json.JSONDecodeError as error:
            raise _invalid_json(number, error.pos + 1, error, _HOW) from error
        except RecursionError as error:
            raise _not_json(f"The values of line {number} are nested too deeply.", _HOW) from error
        except ValueError as error:
            raise _too_long(f"of line {number}") from error
        if not isinstance(row, dict):
            raise _not_an_object(f"Line {number}", row, _HOW)
        yield row


def _listed(path: Path) -> list[dict[str, Any]]:
    """Read a list of objects, the other common JSON form of a table."""
    try:
        rows = json.loads(path.read_text("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _not_json("The file isn't UTF-8 text.", _SAVE) from error
    except json.JSONDecodeError as error:
        raise _invalid_json(error.lineno, error.colno, error, _HOW_LISTED) from error
    except RecursionError as error:
        raise _not_json("The values are nested too deeply.", _HOW) from error
    except ValueError as error:
        raise _too_long("of the list") from error
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise _not_an_object(f"Item {number} of the list", row, _HOW_LISTED)
    return list(rows[: sample_rows()])


def _invalid_json(line: int, character: int, error: json.JSONDecodeError, hint: str) -> ModuleError:
    expected = next(
        (text for start, text in _EXPECTED.items() if error.msg.startswith(start)), "JSON"
    )
    return _not_json(
        f"Line {line} isn't valid JSON: at character {character} {expected} is expected.", hint
    )


def _not_an_object(location: str, value: Any, hint: str) -> ModuleError:
    return _not_json(f"{location} is {_KINDS.get(type(value), 'a number')}, not an object.", hint)


def _too_long(location: str) -> ModuleError:
    # Python parses integers of up to a few thousand digits.
    return _not_json(f"A number {location} has too many digits.", "Make it text, in quotes.")


def _not_json(message: str, hint: str) -> ModuleError:
    return ModuleError("not-the-format", message, hint, parameter="format")

"""Pipelines as text, and one file with that text; shared modules stay as they are there."""

from __future__ import annotations

import errno
import io
import json
import os
from pathlib import Path
from typing import Any, NoReturn, cast

from designer.pipeline import _json_lines as json_lines
from designer.pipeline._file_error import PipelineFileError
from designer.pipeline._reading import WrongShape, check_depth, pipeline_from, short
from designer.pipeline._writing import NotPlain, text_of
from designer.pipeline.migration import VERSION, migrate_document
from designer.pipeline.model import Json, Pipeline
from designer.replacing import replace_content
from modules.contract.regular_files import open_regular

FORMAT = "modeldesk-pipeline"
SUFFIX = ".pipeline.json"
_SUFFIX_HINT = f"The names of pipeline files end in {SUFFIX}."
MIME = "application/x-modeldesk-pipeline+json"
_OF_DATA = (".csv", ".tsv", ".tab", ".parquet", ".pq", ".arff", ".jsonl", ".ndjson", ".xlsx")
"""Extensions of files that pipelines read, which a file manager may offer to open with this."""

LARGEST = 64 * 1024 * 1024
"""Bytes; a larger file is something else, opened by mistake. Ten thousand nodes take five."""


def read_document(path: str | os.PathLike[str]) -> Pipeline:
    """Read a pipeline from a file; its shared modules stay references.

    Raises
    ------
    PipelineFileError
        If the file can't be read or isn't a pipeline.
    """
    try:
        # A pipe would wait for a writer, and a device never end.
        with io.BufferedReader(cast("io.RawIOBase", open_regular(Path(path)))) as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        special = isinstance(error, OSError) and error.errno in (errno.EINVAL, errno.EISDIR)
        hint = f"Choose a file. {_SUFFIX_HINT}" if special else ""
        raise PipelineFileError(_reason(error, path, "read"), hint) from error
    name = Path(path).name
    try:
        if len(content) > LARGEST:
            raise PipelineFileError(f"“{name}” is too large to be a pipeline.")
        return loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, PipelineFileError) as error:
        if name.lower().endswith(_OF_DATA):
            raise PipelineFileError(
                f"“{name}” is a data file, not a pipeline.",
                "Drop it on the canvas of a pipeline in the window, "
                "or name it in a Dataset module.",
            ) from None
        if isinstance(error, PipelineFileError):
            raise error.named(name) from None
        raise PipelineFileError(
            f"“{name}” isn't a pipeline: it isn't UTF-8 text.",
            _SUFFIX_HINT,
        ) from error


def write_document(pipeline: Pipeline, path: str | os.PathLike[str]) -> None:
    """Write a pipeline to a file, wholly or not at all; a shared module as it is in memory.

    The new content is written to a temporary file beside the old one and then replaces
    it, so a full disk or a crash leaves the old file unchanged.
    Permissions stay; a symbolic link stays one.

    Raises
    ------
    PipelineFileError
        If the file can't be written.
    """
    content = dumps(pipeline).encode()
    target = Path(os.path.realpath(path))
    try:
        replace_content(target, content)
    except (OSError, ValueError) as error:
        hint = "The file on the disk is unchanged." if target.exists() else ""
        raise PipelineFileError(_reason(error, path, "saved"), hint) from error


def loads(text: str) -> Pipeline:
    """Read a pipeline from text.

    Raises
    ------
    PipelineFileError
        If the text isn't a pipeline, with the location and what was expected.
    """
    document = _parse(text.removeprefix("\ufeff"))
    version = _version(document)
    try:
        check_depth(document)
        return pipeline_from(migrate_document(document, version))
    except WrongShape as error:
        line = json_lines.line_of(text, error.path)
        key = _key(error.path) or "the file"
        where = f"{key}, line {line}" if line else key
        raise PipelineFileError(
            f"The pipeline can't be read: {error} ({where}).", error.hint
        ) from None


def dumps(pipeline: Pipeline) -> str:
    """Return the text of a pipeline's file: the same for equal pipelines.

    Raises
    ------
    PipelineFileError
        For a value that a file can't contain.
    """
    try:
        return text_of(pipeline, FORMAT, VERSION)
    except (NotPlain, ValueError, TypeError, RecursionError) as error:
        raise PipelineFileError(f"The pipeline can't be written: {error}.") from error


def _parse(text: str) -> dict[str, Json]:
    repeated = False

    def as_dict(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeated
        made = dict(pairs)
        repeated = repeated or len(made) < len(pairs)
        return made

    try:
        document = json.loads(
            text,
            object_pairs_hook=as_dict,
            parse_constant=_no_number,
            parse_float=_finite,
            parse_int=_whole,
        )
    except json.JSONDecodeError as error:
        _refuse_json(text, error)
    except RecursionError:
        raise PipelineFileError("The file nests too deeply to be a pipeline.") from None
    except ValueError as error:
        raise PipelineFileError(f"The file isn't a pipeline: {error}.") from None
    if repeated:
        _refuse_repeated(text)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise PipelineFileError(
            "The file is JSON, but not a pipeline.",
            f'A pipeline begins with "format": "{FORMAT}".',
        )
    return document


def _refuse_json(text: str, error: json.JSONDecodeError) -> NoReturn:
    if not text.strip():
        raise PipelineFileError("The file is empty.", _SUFFIX_HINT) from None
    hint = f"{error.msg}."
    line = text.rfind("\n", 0, error.pos) + 1
    if text.startswith(("<<<<<<<", "=======", ">>>>>>>", "|||||||"), line):
        hint = "The file has Git conflict markers. Resolve the conflict."
    raise PipelineFileError(
        f"The file isn't JSON: line {error.lineno}, column {error.colno}.", hint
    ) from None


def _refuse_repeated(text: str) -> NoReturn:
    found = json_lines.repeated_key(text)
    path, line = found if found else ((), 0)
    raise PipelineFileError(
        f"Duplicate “{_key(path[-1:])}” in the file, line {line} ({_key(path)}).",
        "Rename or remove one of the two.",
    )


def _key(path: json_lines.Path) -> str:
    """Return a path as it is shown."""
    return ".".join(short(str(part)) for part in path)


def _version(document: dict[str, Json]) -> int:
    version = document.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise PipelineFileError(
            "The pipeline doesn't state the version of its format.",
            f'Write "version": {VERSION}.',
        )
    if version > VERSION:
        raise PipelineFileError(
            f"The pipeline was written by a newer version of ModelDesk "
            f"(format {version}; this one reads up to {VERSION}).",
            "Update ModelDesk to open it.",
        )
    return version


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} isn't a number in JSON")


def _whole(text: str) -> int:
    if len(text) > 1000:
        raise ValueError(f"the number {text[:20]}… has {len(text)} digits")
    return int(text)


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"the number {text[:40]} is too large")
    return value


def _reason(error: Exception, path: str | os.PathLike[str], done: str) -> str:
    name = os.path.basename(os.fspath(path)) or os.fspath(path)
    if isinstance(error, FileNotFoundError):
        if done == "read":
            return f"There is no file “{os.fspath(path)}”."
        return f"“{name}” can't be saved: there is no folder “{os.path.dirname(os.fspath(path))}”."
    reason = getattr(error, "strerror", None) or str(error)
    return f"“{name}” can't be {done}: {reason[:1].lower()}{reason[1:]}."

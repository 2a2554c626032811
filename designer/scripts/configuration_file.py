"""Run configurations as YAML files: small, in a stable order, relative paths."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from designer.pipeline.problem import near
from designer.replacing import replace_content
from designer.scripts.configuration import AT_AZURE, CURRENT, LOCAL, ScriptConfiguration
from designer.scripts.problem import ScriptError
from designer.workspace import DATASET_PREFIX

SUFFIXES = (".yml", ".yaml")

_FIELDS = (
    "script", "arguments", "environment", "compute", "experiment", "inputs", "outputs", "timeout"
)  # fmt: skip
_LARGEST = 1_000_000


def read_configuration(path: Path) -> ScriptConfiguration:
    """Read a configuration; nothing of the script is executed.

    Raises
    ------
    ScriptError
        If it can't be read, isn't YAML, or has another shape.
    """
    content = _content(path)
    unknown = [name for name in content if name not in _FIELDS]
    if unknown:
        hint = near(str(unknown[0]), _FIELDS, "fields") or f"Fields are {', '.join(_FIELDS)}."
        raise ScriptError(f"“{path.name}” has the unknown field “{unknown[0]}”.", hint)
    if not isinstance(content.get("script"), str) or not content["script"]:
        raise ScriptError(f"“{path.name}” doesn't name a script.", "Add script: train.py.")
    base = path.absolute().parent
    environment = _text(path, content, "environment") or CURRENT
    return ScriptConfiguration(
        script=_absolute(content["script"], base),
        arguments=_arguments(path, content.get("arguments", [])),
        environment=environment if environment == CURRENT else str(_absolute(environment, base)),
        compute=_text(path, content, "compute") or LOCAL,
        experiment=_text(path, content, "experiment"),
        inputs={
            name: value if _is_named(value) else str(_absolute(value, base))
            for name, value in _mapping(path, content, "inputs").items()
        },
        outputs=_mapping(path, content, "outputs"),
        timeout=_timeout(path, content),
    )


def write_configuration(configuration: ScriptConfiguration, path: Path) -> None:
    """Write a configuration; paths become relative to the file where that is possible.

    Raises
    ------
    OSError
        If it can't be written; the file is as it was.
    """
    import yaml

    base = path.absolute().parent
    plain: dict[str, Any] = {"script": _relative(configuration.script, base)}
    if configuration.arguments:
        plain["arguments"] = list(configuration.arguments)
    plain["environment"] = (
        CURRENT
        if configuration.environment == CURRENT
        else _relative(Path(configuration.environment), base)
    )
    plain["compute"] = configuration.compute
    if configuration.experiment:
        plain["experiment"] = configuration.experiment
    if configuration.inputs:
        plain["inputs"] = {
            name: value if _is_named(value) else _relative(Path(value), base)
            for name, value in configuration.inputs.items()
        }
    if configuration.outputs:
        plain["outputs"] = dict(configuration.outputs)
    if configuration.timeout is not None:
        plain["timeout"] = f"{configuration.timeout:g}"
    # What looks like a number is a text here, and reads better without quotes.
    text = yaml.dump(plain, Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=96)
    replace_content(path, text.encode("utf-8"))


def _dumper() -> Any:
    import yaml

    class Plain(yaml.SafeDumper):
        """Writes every scalar without quotes where the text allows it."""

        yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012

    return Plain


def _content(path: Path) -> Mapping[str, Any]:
    import yaml

    try:
        if path.stat().st_size > _LARGEST:
            raise ScriptError(f"“{path}” is too large for a configuration.")
        # All scalars stay texts: 1e-3 is passed to the script as it is written.
        content = yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)
    except FileNotFoundError:
        raise ScriptError(f"There is no configuration “{path}”.", "Check the path.") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise ScriptError(f"“{path}” can't be read: {reason}.") from error
    except UnicodeDecodeError as error:
        raise ScriptError(f"“{path}” isn't UTF-8 text.") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark is not None else ""
        reason = str(getattr(error, "problem", "") or "it can't be parsed")
        raise ScriptError(f"“{path}” isn't YAML{where}: {reason}.") from error
    except RecursionError as error:
        raise ScriptError(f"“{path}” nests too deeply.") from error
    if not isinstance(content, dict) or not all(isinstance(each, str) for each in content):
        raise ScriptError(f"“{path.name}” isn't a run configuration.", "Add script: train.py.")
    return content


def _arguments(path: Path, value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return split_arguments(value)
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ScriptError(
            f"arguments in “{path.name}” isn't a list of texts.", "Write [--rate, 0.1]."
        )
    return tuple(value)


def split_arguments(text: str) -> tuple[str, ...]:
    """Return the arguments in a text, with the quotes of a POSIX shell.

    Raises
    ------
    ScriptError
        If a quote isn't closed.
    """
    try:
        return tuple(shlex.split(text))
    except ValueError:
        raise ScriptError(f"A quote isn't closed in the arguments: {text}", "Close it.") from None


def join_arguments(arguments: Iterable[str]) -> str:
    """Return arguments as a text that :func:`split_arguments` splits again."""
    # Placeholders read better without the quotes that a shell needs.
    return " ".join(
        each if re.fullmatch(r"(?:[\w@%+=:,./-]|\$\{\{[\w.]+\}\})+", each) else shlex.quote(each)
        for each in arguments
    )


def _mapping(path: Path, content: Mapping[str, Any], name: str) -> dict[str, str]:
    value = content.get(name) or {}
    if not isinstance(value, dict) or not all(
        isinstance(each, str) for pair in value.items() for each in pair
    ):
        raise ScriptError(
            f"{name} in “{path.name}” isn't a mapping from names to paths.", "Write name: path."
        )
    return value


def _text(path: Path, content: Mapping[str, Any], name: str) -> str:
    value = content.get(name, "")
    if not isinstance(value, str):
        raise ScriptError(f"{name} in “{path.name}” isn't a text.")
    return value


def _timeout(path: Path, content: Mapping[str, Any]) -> float | None:
    text = _text(path, content, "timeout")
    try:
        return float(text) if text else None
    except ValueError:
        raise ScriptError(
            f"timeout in “{path.name}” isn't a number of seconds: “{text}”."
        ) from None


def _is_named(value: str) -> bool:
    return value.startswith((DATASET_PREFIX, *AT_AZURE)) or not value


def _absolute(text: str, base: Path) -> Path:
    return Path(os.path.abspath(base / Path(text).expanduser()))


def _relative(path: Path, base: Path) -> str:
    try:
        return Path(os.path.relpath(path, base)).as_posix()
    except ValueError:
        # On another drive of Windows.
        return str(path)

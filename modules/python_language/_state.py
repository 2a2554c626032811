"""The state of a user's model as files: without pickle, so that reading it runs no code."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modules.contract import ModuleError
from modules.values.skops_import import import_skops

STATE = "state.skops"

_LIBRARIES = (
    "numpy.",
    "scipy.",
    "sklearn.",
    "lightgbm.",
    "collections.",
    "functools.",
    "datetime.",
)
"""Libraries whose types are read back: only right before the script runs, which can do more."""

_HINT = (
    "Convert it to plain values, a list or a NumPy array for example, or define save(self, folder) "
    "and load(self, folder) in the class."
)


def written(model: Any) -> dict[str, bytes]:
    """Return the files of a trained model by name.

    Those that its method ``save`` writes, if the class has one, or its attributes.

    Raises
    ------
    ModuleError
        If an attribute can't be stored.
    """
    with tempfile.TemporaryDirectory() as folder:
        if hasattr(model, "save"):
            model.save(folder)
        else:
            _write_attributes(vars(model), Path(folder) / STATE)
        found = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(Path(folder).rglob("*"))
            if path.is_file()
        }
    if not found:
        raise ModuleError(
            "nothing-saved",
            "The method save of AzureMLModel wrote no file.",
            "Write what load needs into the folder, or remove both methods.",
            port="untrained_model",
        )
    return found


def restored(kind: type[Any], files: Mapping[str, bytes]) -> Any:
    """Return a model of a class with the state in files; ``__init__`` isn't called."""
    model: Any = object.__new__(kind)
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if hasattr(model, "load"):
            model.load(folder)
        else:
            vars(model).update(_read_attributes(Path(folder) / STATE))
    return model


def _write_attributes(attributes: Mapping[str, Any], path: Path) -> None:
    from modules.values.estimators import write_estimator

    unknown = _unknown_types(dict(attributes))
    if isinstance(unknown, Exception) or not all(each.startswith(_LIBRARIES) for each in unknown):
        raise _unstorable(attributes)
    write_estimator(dict(attributes), path, unknown)


def trusted_types(path: Path) -> list[str]:
    """Return the types in a skops file, beyond those that skops knows, of trusted libraries."""
    found = import_skops().get_untrusted_types(file=path)
    return [name for name in found if name.startswith(_LIBRARIES)]


def _read_attributes(path: Path) -> dict[str, Any]:
    from modules.values.estimators import read_estimator

    attributes: dict[str, Any] = read_estimator(path, trusted_types(path))
    return attributes


def _unknown_types(value: Any) -> list[str] | Exception:
    """Return the types in a value beyond those that skops knows, or why it can't be written."""
    skops_io = import_skops()

    try:
        found: list[str] = skops_io.get_untrusted_types(data=skops_io.dumps(value))
    except Exception as error:  # Whatever an object of any library raises when it is taken apart.
        return error
    return found


def _unstorable(attributes: Mapping[str, Any]) -> ModuleError:
    for name, value in attributes.items():
        unknown = _unknown_types(value)
        if isinstance(unknown, Exception):
            reason = f"contains a {type(value).__name__}"
        elif rest := [each for each in unknown if not each.startswith(_LIBRARIES)]:
            reason = f"contains a {rest[0].removeprefix('script.')}"
        else:
            continue
        return ModuleError(
            "not-storable",
            f"The attribute “{name}” of AzureMLModel can't be stored: it {reason}.",
            _HINT,
            port="untrained_model",
        )
    return ModuleError(
        "not-storable",
        "The attributes of AzureMLModel can't be stored together.",
        _HINT,
        port="untrained_model",
    )

"""The messages between the window and a background process: one JSON value per line.

To the process, first a :class:`Call`, later :data:`CANCEL` or :data:`LEAVE`; the end of the
input means the same as :data:`LEAVE`. From the process ``{"callback": NAME, "arguments":
[...]}``, and at the end ``{"result": ...}``, ``{"error": {"message": ..., "hint": ...}}``,
``{"cancelled": true}`` or ``{"unexpected": NAME OF THE EXCEPTION}``.
"""

from __future__ import annotations

import functools
import importlib
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

from designer.engine.events import Event

CANCEL = "cancel"
"""Stop, and roll back what was made."""

LEAVE = "leave"
"""The window doesn't wait any longer: continue elsewhere what can, roll back the rest."""

_EVENTS = {kind.__name__: kind for kind in Event.__subclasses__()}


@dataclass(frozen=True)
class Call:
    """A job: which function of :mod:`designer` is called, and with what.

    Parameters
    ----------
    function : str
        ``module:name``.
    arguments : mapping of str to object
        Plain data, parsed by the function's annotations.
    callbacks : sequence of str
        The parameters for which the process passes on what they are called with.
    """

    function: str
    arguments: Mapping[str, Any]
    callbacks: Sequence[str] = ()


def reference(function: Callable[..., Any]) -> str:
    """Return the name under which :func:`resolve` finds a function."""
    return f"{function.__module__}:{function.__qualname__}"


def resolve(name: str) -> FunctionType:
    """Return a function of :mod:`designer`; ValueError for anything else."""
    module, _, attribute = name.partition(":")
    if module.startswith("designer."):
        found = getattr(importlib.import_module(module), attribute, None)
        if isinstance(found, FunctionType) and found.__module__ == module:
            return found
    raise ValueError(f"“{name}” isn't a function of designer.")


def callback_types(hint: Any) -> Sequence[Any]:
    """Return the types of the arguments of an annotated callback."""
    types: Sequence[Any] = typing.get_args(hint)[0]
    return types


def dump(value: object) -> Any:
    """Return a value as plain data."""
    plain = to_jsonable_python(value, fallback=str)
    return {"event": type(value).__name__, **plain} if isinstance(value, Event) else plain


def load(hint: Any, plain: Any) -> Any:
    """Rebuild a value from plain data, by an annotation."""
    if hint is Event:
        fields = dict(plain)
        hint, plain = _EVENTS[fields.pop("event")], fields
    return _adapter(hint).validate_python(plain)


@functools.cache
def _adapter(hint: Any) -> TypeAdapter[Any]:
    return TypeAdapter(hint)

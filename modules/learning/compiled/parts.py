"""Compiled models that consist of others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from modules.contract.installed import load_class
from modules.values.compiled_model import CompiledForm, CompiledModel

if TYPE_CHECKING:
    import numpy as np


def with_parts(
    form: CompiledForm,
    facts: Mapping[str, Any],
    parts: Sequence[CompiledModel],
    arrays: Mapping[str, np.ndarray] | None = None,
) -> CompiledModel:
    """Return several compiled models as one, with more facts and arrays."""
    listed = [
        {"form": part.form.name(), "facts": part.facts, "arrays": sorted(part.arrays)}
        for part in parts
    ]
    theirs = {
        f"{number}_{name}": array
        for number, part in enumerate(parts)
        for name, array in part.arrays.items()
    }
    return CompiledModel(form, {**facts, "parts": listed}, {**theirs, **(arrays or {})})


def parts_of(compiled: CompiledModel) -> list[CompiledModel]:
    """Return the models that :func:`with_parts` made one."""
    return [
        CompiledModel(
            load_class(part["form"], CompiledForm)(),
            part["facts"],
            {name: compiled.arrays[f"{number}_{name}"] for name in part["arrays"]},
        )
        for number, part in enumerate(compiled.facts["parts"])
    ]

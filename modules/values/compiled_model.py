"""Trained models as plain numbers, for serving without scikit-learn or pandas."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract.errors import ModuleError, reason_of
from modules.contract.installed import load_class
from modules.contract.json_files import read_json
from modules.contract.value import RowFunction
from modules.values.saved import inside

if TYPE_CHECKING:
    import numpy as np

FILE = "compiled.json"
_FORMAT = 1


@dataclass(frozen=True)
class CompiledForm:
    """How a kind of model is served: base class of the forms, which are stateless.

    A form is in a file that imports numpy at most, because serving imports that file.
    """

    @classmethod
    def name(cls) -> str:
        """Return the qualified name of the form, ``package.module:Class``."""
        return f"{cls.__module__}:{cls.__qualname__}"

    def row_function(self, compiled: CompiledModel) -> RowFunction:
        """Return the function from a row to its score columns.

        It equals the scores of the uncompiled model; only the exponential function may differ in
        the last bit.
        """
        raise NotImplementedError

    def microseconds(self, compiled: CompiledModel) -> float:
        """Return the estimated time per row; a rule of thumb, so that it is equal for equal
        models.
        """
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class CompiledModel:
    """A trained model as plain data.

    Parameters
    ----------
    form : CompiledForm
        Builds a row function from the rest.
    facts : mapping
        Plain JSON that the form needs: columns, classes, ...
    arrays : mapping of str to numpy.ndarray
        The fitted numbers, by form.
    """

    form: CompiledForm
    facts: Mapping[str, Any]
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)

    def row_function(self) -> RowFunction:
        """Return the function from a row to its score columns."""
        return self.form.row_function(self)

    @property
    def microseconds(self) -> float:
        """The estimated time per row."""
        return self.form.microseconds(self)

    def save(self, folder: Path) -> None:
        """Write the model into a folder, which is created if necessary."""
        import numpy as np

        folder.mkdir(parents=True, exist_ok=True)
        plain = {
            "format": _FORMAT,
            "form": self.form.name(),
            **self.facts,
            "arrays": sorted(self.arrays),
        }
        for name, array in self.arrays.items():
            np.save(folder / f"{name}.npy", array, allow_pickle=False)
        text = json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False)
        (folder / FILE).write_text(text + "\n", "utf-8")

    @classmethod
    def load(cls, folder: Path) -> CompiledModel:
        """Read what :meth:`save` wrote; no library beyond numpy is imported.

        Raises
        ------
        ModuleError
            If it is missing, damaged, has a newer format, or its form isn't installed.
        """
        import numpy as np

        try:
            facts = read_json(folder / FILE)
            if facts.pop("format") != _FORMAT:
                raise ValueError("it has another version")
            form = load_class(facts.pop("form"), CompiledForm)
            arrays = {
                name: np.load(inside(folder, f"{name}.npy"), allow_pickle=False)
                for name in facts.pop("arrays")
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ModuleError(
                "model-damaged",
                f"The compiled model in “{folder.name}” can't be read: {reason_of(error)}.",
                "Create the scoring package again.",
            ) from error
        return cls(form(), facts, arrays)

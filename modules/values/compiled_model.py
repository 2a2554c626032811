"""Trained models as plain numbers: what serving needs, without scikit-learn or pandas."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract.errors import ModuleError, reason_of
from modules.contract.installed import load_class
from modules.contract.value import RowFunction

if TYPE_CHECKING:
    import numpy as np

FILE = "compiled.json"
_FORMAT = 1


@dataclass(frozen=True)
class CompiledForm:
    """How a kind of model is served: base of the forms, which hold nothing themselves.

    A form stands in a file that imports numpy at most, since serving imports that file.
    """

    @classmethod
    def name(cls) -> str:
        """Return where the form is found, ``package.module:Class``."""
        return f"{cls.__module__}:{cls.__qualname__}"

    def row_function(self, compiled: CompiledModel) -> RowFunction:
        """Return the function from a row to its score columns.

        It equals the scores of the original; only the exponential function may differ in
        the last bit.
        """
        raise NotImplementedError

    def microseconds(self, compiled: CompiledModel) -> float:
        """Return about how long one row takes; a rule of thumb, so that equal models give equal
        numbers.
        """
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class CompiledModel:
    """A trained model as plain data.

    Parameters
    ----------
    form : CompiledForm
        What makes a row function of the rest.
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
        """About how long one row takes."""
        return self.form.microseconds(self)

    def save(self, folder: Path) -> None:
        """Write the model into a folder, which is made if need be."""
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
            If it is missing, damaged, of a newer format, or of a form that isn't installed.
        """
        import numpy as np

        try:
            facts = json.loads((folder / FILE).read_text("utf-8"))
            if facts.pop("format") != _FORMAT:
                raise ValueError("it is of another version")
            form = load_class(facts.pop("form"), CompiledForm)
            arrays = {
                name: np.load(folder / f"{name}.npy", allow_pickle=False)
                for name in facts.pop("arrays")
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ModuleError(
                "model-damaged",
                f"The compiled model in “{folder.name}” can't be read: {reason_of(error)}.",
                "Make the scoring package again.",
            ) from error
        return cls(form(), facts, arrays)

"""Stored values as plain data, for the views.

Runs in a worker process, since reading a model takes scikit-learn. What comes back
needs no library to be understood.
"""

from __future__ import annotations

from pathlib import Path

from modules.contract.value import Summary
from modules.values import storage


def inspect(folder: Path) -> Summary:
    """Return what there is to show of a stored value.

    Raises
    ------
    ModuleError
        If the value can't be read.
    """
    from designer.engine.store.output_check import check_output

    check_output(folder)
    return storage.load(folder).summary()

"""What a module declares for its stored estimators is all that a file of it may hold."""

from __future__ import annotations

import functools
import os
from pathlib import Path

import pytest

from modules.contract import ModuleError
from modules.learning.trusted import BOOSTING
from modules.values.estimators import read_estimator
from modules.values.skops_import import import_skops


@pytest.mark.long
def test_a_call_behind_a_declared_partial_is_refused(tmp_path: Path) -> None:
    """Boosted trees declare ``functools.partial``; that covers nothing that one would call."""
    made = tmp_path / "made"
    file = tmp_path / "estimator.skops"
    import_skops().dump(functools.partial(os.mkdir, str(made)), file)

    assert "functools.partial" in BOOSTING
    with pytest.raises(ModuleError, match=r"“posix\.mkdir”|“nt\.mkdir”"):
        read_estimator(file, BOOSTING)
    assert not made.exists()

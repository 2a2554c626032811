"""skops imported the short way trusts the same types as when it is imported by itself."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from modules.values import skops_import

SHORT = "from modules.values.skops_import import import_skops; import_skops(); "
NAMES = (
    "from modules.values.skops_import import estimator_names; "
    "import json; print(json.dumps(estimator_names()))"
)
SHOW = (
    "import skops.io, json, sys, sklearn.utils; from skops.io import _trusted_types as types; "
    "names = {each: sorted(set(vars(types)[each])) for each in dir(types) if '_NAMES' in each}; "
    "print(json.dumps([names, "
    "'sklearn.gaussian_process' in sys.modules, len(sklearn.utils.all_estimators()) > 100]))"
)


def imported(program: str) -> list:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.long
def test_the_names_are_those_of_the_installed_scikit_learn() -> None:
    import sklearn

    version, *names = skops_import.NAMES.read_text("utf-8").split()
    assert version == sklearn.__version__
    # In this process, a test may have enabled an experimental estimator, which adds its name.
    assert names == imported(NAMES)


@pytest.mark.long
def test_skops_trusts_the_same_types() -> None:
    long_way, whole, _ = imported(SHOW)
    short_way, part, works = imported(SHORT + SHOW)
    assert short_way == long_way
    assert whole
    assert not part
    assert works


@pytest.mark.long
def test_no_value_is_written_or_read_the_long_way(tmp_path) -> None:
    """A process that scores one model needs neither PyTorch nor the rest of scikit-learn."""
    program = (
        "import json, sys\nfrom pathlib import Path\n"
        "from sklearn.linear_model import LinearRegression\n"
        "from modules.python_language import _state\n"
        "from modules.values.estimators import read_estimator, write_estimator\n"
        f"path = Path({str(tmp_path / 'model.skops')!r})\n"
        "write_estimator(LinearRegression(), path)\nread_estimator(path)\n"
        "_state.trusted_types(path)\n"
        "long_way = {'sklearn.gaussian_process', 'torch', 'dask'}\n"
        "print(json.dumps(sorted(long_way & sys.modules.keys())))"
    )
    assert imported(program) == []

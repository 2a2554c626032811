"""The kinds of code that pipelines can be exported as, in the order of lists."""

from __future__ import annotations

from designer.export.notebook import notebook, with_outputs
from designer.export.script import python_script
from designer.export.standalone import standalone_script
from designer.export.target import Target

TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        Target(
            "python",
            "Python with modules",
            ".py",
            python_script,
            "Run it: python {} --results results",
        ),
        Target(
            "sklearn",
            "scikit-learn alone",
            ".py",
            standalone_script,
            "Run it: python {} --results results",
            loads_libraries=True,
        ),
        Target(
            "notebook",
            "Notebook",
            ".ipynb",
            notebook,
            "Open it: jupyter lab {}",
            writes_results=False,
            fill=with_outputs,
        ),
    )
}
"""By name."""

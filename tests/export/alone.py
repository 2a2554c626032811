"""What the tests of code without this project share: running it where it can't be imported."""

from __future__ import annotations

import builtins
import contextlib
import dataclasses
import io
import sys
import types
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from exporting import CATALOG, digests

from module_examples import one_thread  # isort: skip
from same_values import comparable, settled  # isort: skip

from designer.catalog import Catalog
from designer.engine import Engine
from designer.export import Script
from designer.export.standalone import standalone_script
from designer.pipeline.model import Pipeline
from designer.workspace import Workspace
from modules.computer_vision._image_model import ImageModel
from modules.computer_vision._networks import ImageLearner
from modules.computer_vision._transforms import ImageTransformation
from modules.contract import DataTable
from modules.learning.ensembles.parts import LearnerOfLearners
from modules.python_language._python_model import PythonLearner, PythonModel
from modules.recommendation._wide_and_deep_model import WideAndDeepModel
from modules.values import (
    Evaluation,
    Files,
    ImageFolder,
    Report,
    TrainedModel,
    Transformation,
    UntrainedModel,
)
from modules.values.storage import load

# Only libraries that are loaded can be limited to one thread.
with contextlib.suppress(ImportError):
    import torch  # noqa: F401

_IMAGES = (ImageModel, ImageLearner)

OWN = ("modules", "designer", "user_modules")


def alone(pipeline: Pipeline, base: Path, *, catalog: Catalog = CATALOG, **options: Any) -> Script:
    """Export a pipeline whose file would be in a folder, without this project."""
    return standalone_script(
        pipeline,
        catalog,
        file=base / "made.pipeline.json",
        workspace=Workspace(base / "workspace"),
        **options,
    )


def executed(script: Script, folder: Path, **arguments: Any) -> dict[str, Any]:
    """Return what ``main`` returns, called where nothing of this project can be imported."""

    def importing(name: str, *rest: Any, **more: Any) -> Any:
        if name.partition(".")[0] in OWN:
            raise ImportError(f"The script imports {name}.")
        return builtins.__import__(name, *rest, **more)

    namespace: dict[str, Any] = {
        "__name__": "exported",
        "__file__": str(folder / "script.py"),
        "__builtins__": {**vars(builtins), "__import__": importing},
    }
    module = types.ModuleType("exported")
    vars(module).update(namespace)
    # Where dataclasses look for the names of their types.
    sys.modules["exported"] = module
    try:
        # As the modules have that it is compared with: sums depend on it.
        with one_thread():
            exec(compile(script.text, "script.py", "exec", dont_inherit=True), vars(module))
            found: dict[str, Any] = module.main(**arguments)
    finally:
        del sys.modules["exported"]
    return found


def printed(script: Script, found: Mapping[str, Any]) -> str:
    """Return what the script prints of the values that its ``main`` returned."""
    head, start, rest = script.text.rpartition('\nif __name__ == "__main__":')
    text = f"{head}\nmain = lambda **arguments: found{start}{rest}"
    output = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(output):
        patch.setattr(sys, "argv", ["script.py"])
        names = {"__name__": "__main__", "__file__": "script.py", "found": found}
        exec(compile(text, "script.py", "exec", dont_inherit=True), names)
    return output.getvalue()


def assert_equal(found: Any, wanted: Any, table: DataTable) -> None:
    """Compare a value of a script with that of a module.

    Frames are equal to the bit, and so are the scores of models; metrics within 1e-9, since
    scikit-learn sums in another order.

    Parameters
    ----------
    table : DataTable
        What models score.
    """
    if isinstance(wanted, DataTable):
        assert isinstance(found, pd.DataFrame)
        assert isinstance(found.index, pd.RangeIndex)
        frames = settled(found), settled(wanted.frame)
        pd.testing.assert_frame_equal(*frames, check_exact=not wanted.metrics, rtol=1e-9)
    elif isinstance(wanted, Report):
        tree = next(each.chart for each in wanted.sections if each.chart is not None)
        np.testing.assert_array_equal(found["merges"], tree.links)
        sizes = [row[1] for row in wanted.sections[-1].sheet.rows]
        assert found["clusters"]["Rows"].tolist() == sizes
    elif isinstance(wanted, PythonLearner):
        assert (found.script, found.task) == (wanted.script, wanted.task)
    elif isinstance(wanted, PythonModel):
        frames = found.scores(table.frame), wanted.score(table).frame
        pd.testing.assert_frame_equal(*frames, check_exact=True)
    elif isinstance(wanted, Evaluation):
        _assert_same_metrics(found, wanted)
    elif dataclasses.is_dataclass(found) and not isinstance(wanted, _IMAGES):
        # What series or ratings were fitted to.
        for field in dataclasses.fields(found):
            its = getattr(wanted, field.name)
            assert comparable(getattr(found, field.name)) == comparable(its), field.name
    elif isinstance(found, partial) and "methods" in found.keywords:
        assert found.keywords["weights"] == [1.0] * len(wanted.learners)
        for part, learner in zip(found.keywords["methods"], wanted.learners, strict=True):
            assert_equal(part, learner, table)
    elif isinstance(found, partial):
        assert isinstance(wanted, UntrainedModel)
        assert found.keywords == wanted.parameters
    elif isinstance(found, bytes):
        assert found == wanted.model
    elif isinstance(wanted, ImageFolder):
        assert digests(found) == digests(wanted.folder)
    elif isinstance(wanted, ImageTransformation):
        assert found == wanted.steps
    elif isinstance(wanted, ImageLearner):
        assert (found.name, found.options) == (wanted.architecture, wanted.options)
        assert found.weights == (wanted.weights if wanted.pretrained else None)
    elif isinstance(wanted, ImageModel):
        assert (tuple(found.classes), found.size) == (wanted.classes, wanted.size)
        assert found.history == wanted.history
        state = found.network.state_dict()
        from safetensors.torch import load as stored

        assert all((state[name] == each).all() for name, each in stored(wanted.weights).items())
    elif isinstance(wanted, WideAndDeepModel):
        names = [column.name for column in wanted.features]
        pairs = table.frame[names].astype(object).where(table.frame[names].notna(), None)
        ratings = found.ratings(*(pairs[name].tolist() for name in names))
        np.testing.assert_array_equal(ratings, wanted.score(table).frame.iloc[:, 0])
    elif isinstance(wanted, TrainedModel):
        _assert_same_scores(found, wanted, table)
    elif isinstance(wanted, Files):
        assert sorted(found) == sorted(digests(wanted.folder))
        assert all((wanted.folder / name).read_bytes() == each for name, each in found.items())
    elif isinstance(wanted, LearnerOfLearners):
        _assert_same_learners(found, wanted, table)
    elif isinstance(wanted, UntrainedModel):
        assert type(found).__name__ == type(wanted.estimator).__name__
        assert repr(found) == repr(wanted.estimator)
    elif isinstance(wanted, Transformation):
        fields = {field.name: getattr(wanted, field.name) for field in dataclasses.fields(wanted)}
        assert _plain(found) == {
            name: content for name, content in _plain(fields).items() if name in found
        }
        assert all(not content for name, content in fields.items() if name not in found)
    else:
        assert found is wanted is None


def _assert_same_learners(found: Any, wanted: LearnerOfLearners, table: DataTable) -> None:
    parts = getattr(found, "learners", None) or [found.learner]
    parts = [*parts, *([found.final] if hasattr(found, "final") else [])]
    assert len(parts) == len(wanted.learners)
    for part, learner in zip(parts, wanted.learners, strict=True):
        assert_equal(getattr(part, "learner", part), learner, table)


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a transformation as comparable data."""
    return {
        name: repr(content) if name == "estimator" else comparable(content)
        for name, content in fields.items()
    }


def _assert_same_metrics(found: Mapping[str, pd.DataFrame], wanted: Evaluation) -> None:
    assert len(found["metrics"]) == len(wanted.reports)
    for position, report in enumerate(wanted.reports):
        metrics = found["metrics"].iloc[position].to_dict()
        assert metrics == pytest.approx(dict(report.metrics), rel=1e-9, abs=1e-12, nan_ok=True)
        end = f" {report.name}" if len(wanted.reports) > 1 else ""
        if report.confusion is not None:
            np.testing.assert_array_equal(found[f"confusion{end}"], report.confusion)
        if report.residuals is not None:
            np.testing.assert_allclose(found[f"residuals{end}"], report.residuals, rtol=1e-9)
        if report.table is not None:
            name = "clusters" if report.task == "clustering" else "classes"
            pd.testing.assert_frame_equal(
                found[f"{name}{end}"], report.table, rtol=1e-9, check_dtype=False
            )


def _assert_same_scores(found: Any, wanted: Any, table: DataTable) -> None:
    scores = wanted.score(table).frame
    if wanted.task == "clustering":
        np.testing.assert_array_equal(found.transform(table.frame), scores.iloc[:, 1:])
    elif wanted.task in ("two-class", "multiclass"):
        shares = found.predict_proba(table.frame)
        shares = shares[:, 1:] if wanted.task == "two-class" else shares
        np.testing.assert_array_equal(shares, scores.iloc[:, 1:])
    else:
        np.testing.assert_array_equal(found.predict(table.frame), scores.iloc[:, 0])


def compared(pipeline: Pipeline, frame: pd.DataFrame, folder: Path) -> list[tuple[str, Any, Any]]:
    """Return the results of a pipeline's script and of its run, with their ports.

    Parameters
    ----------
    frame : pandas.DataFrame
        The content of ``rows.csv``, which the pipeline reads.
    """
    frame.to_csv(folder / "rows.csv", index=False)
    script = alone(pipeline, folder)
    found = executed(script, folder)
    with Engine(Workspace(folder / "workspace"), CATALOG, workers=1, cores=1) as engine:
        result = engine.run(pipeline, base=folder)
    assert result.status == "completed", [each.error for each in result.nodes.values()]
    return [
        (str(end), found[name], load(Path(result.nodes[end.node].outputs[end.port].path)))
        for name, end in script.results.items()
        if end.port in result.nodes[end.node].outputs
    ]

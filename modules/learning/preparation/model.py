"""A trained model together with the preparation of its table."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from modules.contract import DataTable, Role
from modules.contract.columns import Column
from modules.contract.json_files import read_json
from modules.contract.sheet import Sheet
from modules.contract.stored_fields import APART
from modules.learning.preparation.form import PreparedForm
from modules.learning.preparation.steps import Step, apply, preparing_module
from modules.values import TrainedModel, Transformation
from modules.values.compiled_model import CompiledModel

_MODEL = "model"


@dataclass(frozen=True, eq=False, kw_only=True)
class PreparedModel(TrainedModel):
    """A trained model that prepares rows first, as its training rows were.

    Parameters
    ----------
    model : TrainedModel
        Trained on prepared rows.
    steps : list of Step
        The preparation.
    average : mapping
        The average training row before the preparation; empty if it isn't known.
    """

    model: TrainedModel = field(metadata=APART)
    steps: list[Step] = field(metadata=APART)
    average: Mapping[str, Any] = field(default_factory=dict)

    def score(self, table: DataTable) -> DataTable:
        """Return the score columns; see :meth:`TrainedModel.score`."""
        names = [column.name for column in self.features]
        table.require(names, port="dataset")
        label = [self.label] if self.label in table.names else []
        return self.model.score(apply(self.steps, table.select([*names, *label])))

    def compile(self) -> CompiledModel | None:
        """Return the preparation and the model as plain data; None if a part has no form."""
        inner = self.model.compile()
        steps = [_plain(step) for step in self.steps]
        if inner is None or None in steps:
            return None
        facts = {
            "steps": steps,
            "form_of_model": inner.form.name(),
            "model": dict(inner.facts),
            "classes": list(self.classes),
        }
        return CompiledModel(PreparedForm(), facts, inner.arrays)

    def sheets(self) -> Mapping[str, Sheet]:
        """Return the preparation, and the tables of the model."""
        rows = tuple((step.module, _shown(step.parameters)) for step in self.steps)
        return {"Preparation": Sheet(("Module", "Parameters"), rows), **self.model.sheets()}

    @property
    def members(self) -> Sequence[TrainedModel]:
        """The models that the model combines."""
        return self.model.members

    @property
    def tree_count(self) -> int:
        """The number of trees of the model."""
        return self.model.tree_count

    @property
    def average_row(self) -> Mapping[str, Any] | None:
        """The average training row before the preparation."""
        return self.average or None

    @property
    def known_values(self) -> Mapping[str, list[Any]]:
        """The values of each string and category column in training."""
        names = {column.name for column in self.features}
        found = dict(self.model.known_values)
        for step in self.steps:
            if step.fitted is not None:
                found |= step.fitted.known_values
        return {name: values for name, values in found.items() if name in names}

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the model and what the preparation learned beside each other."""
        from modules.contract.json_files import write_json
        from modules.values import storage

        storage.save(self.model, folder / _MODEL)
        plain = []
        for number, step in enumerate(self.steps):
            if step.fitted is not None:
                storage.save(step.fitted, folder / f"step_{number:02d}")
            plain.append({name: value for name, value in vars(step).items() if name != "fitted"})
        write_json(folder / "steps.json", {"steps": plain})
        return super().save(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote."""
        from modules.values import storage

        steps = []
        for number, plain in enumerate(read_json(folder / "steps.json")["steps"]):
            inner = folder / f"step_{number:02d}"
            fitted = storage.load(inner) if inner.exists() else None
            if fitted is not None and not isinstance(fitted, Transformation):
                raise ValueError(f"“{inner.name}” isn't a transformation")
            step = Step(**plain, fitted=fitted)
            if fitted is None:
                preparing_module(step.source)
            steps.append(step)
        model = storage.load(folder / _MODEL)
        if not isinstance(model, TrainedModel):
            raise ValueError("the model isn't a trained model")
        return cls(model=model, steps=steps, **cls.read_fields(folder))

    @classmethod
    def modules_named(cls, folder: Path) -> tuple[str, ...]:
        """Return the modules that prepare rows; the learner's is that of the inner model."""
        steps = read_json(folder / "steps.json")["steps"]
        return tuple(str(step["source"]) for step in steps)


def _shown(parameters: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name}: {', '.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in parameters.items()
    )


def _plain(step: Step) -> dict[str, Any] | None:
    """Return a step for the compiled form; None if it has no form for one row."""
    if step.fitted is None:
        return None if step.form is None else {"module": step.source, "form": dict(step.form)}
    kind = type(step.fitted)
    values = {each.name: getattr(step.fitted, each.name) for each in fields(step.fitted)}
    try:
        json.dumps(values)
    except TypeError:
        # An array, or an estimator.
        return None
    if step.fitted.compile() is None:
        return None
    return {"class": f"{kind.__module__}:{kind.__qualname__}", "fields": values}


def with_preparation(
    model: TrainedModel, steps: Sequence[Step], dataset: DataTable, features: Sequence[str]
) -> TrainedModel:
    """Return a model for the table as it came.

    Parameters
    ----------
    dataset : DataTable
        The table before the preparation.
    features : sequence of str
        Its columns that the preparation and the model read.
    """
    from modules.learning.features import FeatureEncoder

    steps = [step for step in steps if not step.for_training]
    if not steps:
        return model
    columns = {column.name: column.kind for column in dataset.columns}
    average = FeatureEncoder().fit(dataset.frame[list(features)]).average_row
    finite = {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in average.items()
    }
    return PreparedModel(
        title=model.title,
        task=model.task,
        features=tuple(Column(name, columns[name], Role.FEATURE) for name in features),
        label=model.label,
        classes=model.classes,
        positive=model.positive,
        learner=model.learner,
        parameters=dict(model.parameters),
        versions=dict(model.versions),
        model=model,
        steps=steps,
        average=finite,
    )

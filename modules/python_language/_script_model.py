"""A model that a script has trained and stored as skops, as a trained model of a pipeline."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from modules.contract import DataTable, ModuleError, Role
from modules.contract.columns import Column
from modules.python_language._python_model import PythonModel, class_of, library_versions
from modules.python_language._state import trusted_types, written

FILE = "model.skops"

_SCRIPT = """\
import pandas as pd


class AzureMLModel:
    def train(self, df_train, df_label):
        raise NotImplementedError("Run Script trains this model.")

    def predict(self, df):
        scores = {"Scored Labels": self.model.predict(df)}
        if hasattr(self.model, "predict_proba"):
            shares = self.model.predict_proba(df)
            if shares.shape[1] == 2:
                scores["Scored Probabilities"] = shares[:, 1]
            else:
                for number, name in enumerate(self.model.classes_):
                    scores[f"Scored Probabilities_{name}"] = shares[:, number]
        return pd.DataFrame(scores)
"""
"""What scores the model; it is stored with it, as the script of Create Python Model is."""

_CHECKED = 5


def read_model(folder: Path, table: DataTable | None, label: str | None) -> PythonModel:
    """Return the model in a folder that a script has written.

    Parameters
    ----------
    table : DataTable or None
        What the script has been given; its columns but the label are the features.

    Raises
    ------
    ModuleError
        If there is no model, it can't be trusted or used, or table or label are missing.
    """
    file = folder / FILE
    if not file.is_file():
        raise ModuleError(
            "nothing-written",
            f"The script didn't write {FILE} into the folder of its model.",
            f'Store it with skops.io.dump(model, folder + "/{FILE}").',
        )
    if table is None or label is None:
        raise ModuleError(
            "no-label",
            "A model needs the table that it was trained on, and its label column.",
            "Connect the table, and choose the label column.",
            parameter="label_column",
        )
    estimator = _read(file)
    names = [name for name in table.names if name != label]
    classes = tuple(getattr(estimator, "classes_", ()))
    task = "regression"
    if classes:
        task = "two-class" if len(classes) == 2 else "multiclass"
    holder = class_of(_SCRIPT)()
    holder.model = estimator
    kinds = {column.name: column.kind for column in table.columns}
    known = tuple(each if isinstance(each, str) else each.item() for each in classes)
    model = PythonModel(
        title="Script Model",
        task=task,
        features=tuple(Column(name, kinds[name], Role.FEATURE) for name in names),
        label=label,
        classes=known,
        positive=known[1] if task == "two-class" else None,
        learner=__name__,
        parameters={},
        versions=library_versions(),
        script=_SCRIPT,
        files=written(holder),
    )
    sample = model.score(DataTable(table.frame[names].head(_CHECKED)))
    outputs = {str(name): str(dtype) for name, dtype in sample.frame.dtypes.items()}
    return replace(model, outputs=outputs)


def _read(file: Path) -> Any:
    from modules.values.estimators import read_estimator

    try:
        return read_estimator(file, trusted_types(file))
    except ModuleError:
        raise
    except Exception as error:  # Whatever skops raises for a file of another kind.
        raise ModuleError(
            "model-not-readable",
            f"{FILE} can't be read: {str(error).splitlines()[0][:300]}.",
            "Store a model of scikit-learn or LightGBM with skops.io.dump.",
        ) from error

"""Learners and models that are a user's Python class: a script and its state."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from modules.contract import DataTable, ModuleError, Role, Scoring, warn
from modules.contract.columns import Column
from modules.contract.module_spec import ModuleSpec
from modules.contract.parameter import Parameter, sentence
from modules.contract.sheet import Sheet
from modules.contract.stored_fields import APART
from modules.python_language._scores import SCORED_LABELS, checked_scores, probabilities_of
from modules.python_language._script import namespace_of, running
from modules.python_language._state import restored, written
from modules.values import TrainedModel, UntrainedModel

CLASS = "AzureMLModel"
TITLE = "Python Model"

_KINDS = {bool: "boolean", int: "integer", float: "number", str: "text"}
_STATE = "state"
_CHECKED = 5
"""Training rows that a new model scores, to find mistakes before it is used."""


@dataclass(frozen=True, eq=False)
class PythonLearner(UntrainedModel):
    """A Python class that trains and predicts.

    Parameters
    ----------
    script : str
        The program text that defines the class.
    arguments : mapping
        The arguments of its ``__init__`` that can be tuned, with their defaults.
    """

    runs_code = True

    script: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def specification(self) -> ModuleSpec:
        """The module that made it, with the arguments of ``__init__`` as parameters."""
        made = super().specification
        own = [
            Parameter(
                name=name,
                title=sentence(name),
                kind=_KINDS[type(default)],
                annotation=type(default),
                default=default,
                sweep=tuple(self.sweep.get(name, ())),
            )
            for name, default in self.arguments.items()
        ]
        return replace(made, parameters=(*made.parameters, *own))

    def with_parameters(self, changes: Mapping[str, Any]) -> PythonLearner:
        """Return the learner with other arguments of ``__init__``, or another script."""
        try:
            read = self.specification.read_parameters({**self.parameters, **changes})
        except ValueError as error:
            raise ModuleError(
                "wrong-parameter",
                str(error),
                f"Change the arguments of {CLASS}.",
                port="untrained_model",
            ) from None
        script, task = read["script"], read["task"]
        made = self
        if (script, task) != (self.script, self.task):
            made = make_learner(script, task, self.learner)
        known = {name: value for name, value in read.items() if name in made.parameters}
        return replace(made, parameters={**made.parameters, **known})

    def fit(
        self,
        table: DataTable,
        label: str | None = None,
        *,
        features: list[str] | None = None,
        positive: str = "",
    ) -> PythonModel:
        """Train on a table; see :meth:`UntrainedModel.fit`."""
        from modules.learning.labels import labeled, target_of, with_positive
        from modules.learning.training_data import feature_names

        if label is None:
            raise ModuleError(
                "no-label", f"{TITLE} needs a label.", "Use Train Model.", port="untrained_model"
            )
        table.require([label], parameter="label_column")
        table.require_rows(1, port="dataset")
        names = feature_names(table, label, features)
        weights = table.having_role(Role.WEIGHT)
        if weights:
            warn(f"{TITLE} doesn't support weights; column “{weights[0]}” was ignored.")
        ordered = with_positive(table, label, positive, self) if positive else table
        _, classes = target_of(labeled(ordered.frame, label)[label], self.task)
        rows = table.frame[table.frame[label].notna()].reset_index(drop=True)
        arguments = {name: self.parameters[name] for name in self.arguments}
        with _running(self.script, port="untrained_model"):
            model = class_of(self.script)(**arguments)
            model.train(rows[names].copy(deep=True), rows[label].copy(deep=True))
            files = written(model)
        kinds = {column.name: column for column in table.columns}
        trained = PythonModel(
            title=self.title,
            task=self.task,
            features=tuple(Column(name, kinds[name].kind, Role.FEATURE) for name in names),
            label=label,
            classes=classes,
            positive=classes[1] if self.task == "two-class" else None,
            learner=self.learner,
            parameters=dict(self.parameters),
            versions=library_versions(),
            script=self.script,
            files=files,
        )
        sample = trained.score(DataTable(rows[names].head(_CHECKED)))
        outputs = {str(name): str(dtype) for name, dtype in sample.frame.dtypes.items()}
        return replace(trained, outputs=outputs)


@dataclass(frozen=True, eq=False, kw_only=True)
class PythonModel(TrainedModel):
    """A trained Python class: its script, and the state that it stored.

    Parameters
    ----------
    script : str
        The program text that defines the class.
    files : mapping of str to bytes
        The state by file name.
    outputs : mapping of str to str
        The columns that it predicts, with their dtypes.
    """

    runs_code = True

    script: str
    files: Mapping[str, bytes] = field(metadata=APART)
    outputs: Mapping[str, str] = field(default_factory=dict)

    def score(self, table: DataTable) -> DataTable:
        """Return the columns that ``predict`` returns."""
        import pandas as pd

        names = [column.name for column in self.features]
        table.require(names, port="dataset")
        if not len(table):
            empty = {name: pd.Series(dtype=dtype) for name, dtype in self.outputs.items()}
            return self._scored(pd.DataFrame(empty), table)
        with _running(self.script, port="trained_model"):
            returned = self._model.predict(table.frame[names].copy(deep=True))
        return self._scored(checked_scores(returned, self, names, len(table)), table)

    def _scored(self, frame: Any, table: DataTable) -> DataTable:
        label = self.label if self.label in table.names else None
        scoring = Scoring(
            self.task,
            SCORED_LABELS,
            label,
            self.classes,
            probabilities_of(frame, self),
            self.positive,
            self.title,
        )
        return DataTable(frame, dict.fromkeys(frame.columns, Role.SCORE), scoring)

    @functools.cached_property
    def _model(self) -> Any:
        return restored(class_of(self.script), self.files)

    def sheets(self) -> Mapping[str, Sheet]:
        """Return the files of the state with their sizes."""
        rows = tuple((name, len(content)) for name, content in self.files.items())
        return {"State": Sheet(("File", "Bytes"), rows)}

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the script and the metadata as JSON, and the state as its own files."""
        for name, content in self.files.items():
            path = folder / _STATE / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return super().save(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote; the script doesn't run before the model scores."""
        state = folder / _STATE
        files = {
            path.relative_to(state).as_posix(): path.read_bytes()
            for path in sorted(state.rglob("*"))
            if path.is_file()
        }
        return cls(files=files, **cls.read_fields(folder))


def make_learner(script: str, task: str, learner: str) -> PythonLearner:
    """Return the learner that a script defines.

    Raises
    ------
    ModuleError
        If it fails, or its class lacks something.
    """
    with _running(script, parameter="script"):
        kind = class_of(script)
        arguments = _arguments(kind)
        kind()
        sweep = {str(name): tuple(values) for name, values in getattr(kind, "sweep", {}).items()}
    unknown = [name for name in sweep if name not in arguments]
    if unknown:
        raise _wrong(
            f"sweep of {CLASS} names “{unknown[0]}”, which isn't an argument of __init__ with "
            "a boolean, a number, or text as its default.",
            "Correct the name, or add the argument.",
        )
    parameters = {"script": script, "task": task, **arguments}
    return PythonLearner(
        TITLE, task, learner, parameters, sweep, script=script, arguments=arguments
    )


def class_of(script: str) -> Any:
    """Run a script and return its class.

    Raises
    ------
    ModuleError
        If it doesn't define it, or the class lacks a method.
    """
    kind = namespace_of(script).get(CLASS)
    if not isinstance(kind, type):
        raise _wrong(
            f"The script doesn't define a class {CLASS}.",
            f"Define class {CLASS} with the methods train and predict.",
        )
    for name in ("train", "predict"):
        if not callable(getattr(kind, name, None)):
            raise _wrong(f"{CLASS} has no method {name}.", _SIGNATURES[f"{CLASS}.{name}"])
    if hasattr(kind, "save") != hasattr(kind, "load"):
        raise _wrong(
            f"{CLASS} has only one of the methods save and load.",
            "Define both, save(self, folder) and load(self, folder), or none of them.",
        )
    return kind


def _arguments(kind: type[Any]) -> dict[str, Any]:
    """Return the arguments of ``__init__`` that can be tuned, with their defaults."""
    if kind.__init__ is object.__init__:
        return {}
    found = {}
    for name, argument in list(inspect.signature(kind.__init__).parameters.items())[1:]:
        if argument.kind in (argument.VAR_POSITIONAL, argument.VAR_KEYWORD):
            continue
        if argument.default is argument.empty:
            raise _wrong(
                f"The argument “{name}” of {CLASS}.__init__ has no default.",
                "Give every argument a default.",
            )
        if name in ("script", "task"):
            raise _wrong(
                f"“{name}” is a parameter of Create Python Model, so {CLASS}.__init__ can't have "
                "an argument of that name.",
                "Rename the argument.",
            )
        if type(argument.default) in _KINDS:
            found[name] = argument.default
    return found


def _wrong(message: str, hint: str) -> ModuleError:
    return ModuleError("wrong-class", message, hint, parameter="script")


_SIGNATURES = {
    f"{CLASS}.train": "Define train(self, df_train, df_label).",
    f"{CLASS}.predict": "Define predict(self, df).",
    f"{CLASS}.save": "Define save(self, folder).",
    f"{CLASS}.load": "Define load(self, folder).",
    f"{CLASS}.__init__": "Give every argument of __init__ a default.",
}


def _running(script: str, **location: str) -> AbstractContextManager[None]:
    return running(
        script,
        instead_of_exit="Return from the method instead.",
        signatures=_SIGNATURES,
        **location,
    )


def library_versions() -> dict[str, str]:
    """Return the versions of the libraries that models are made of."""
    from importlib.metadata import version

    return {name: version(name) for name in ("numpy", "pandas", "scikit-learn")}

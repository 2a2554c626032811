"""Templates of learners, and of training and scoring, as code without this project."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from modules.contract.code import (
    CodeStep,
    Kept,
    LearnerFacts,
    ModelFacts,
    TableFacts,
    Template,
    literal,
)
from modules.contract.data_table import Role
from modules.contract.parameter import Parameter, RangeToTry, ValuesToTry
from modules.learning.training_data import weighted_parameters


def learner_template(
    function: Callable[..., Any], parameters: Callable[[], tuple[Parameter, ...]], **facts: Any
) -> Template:
    """Return the template of a learner: its estimator's constructor.

    Parameters
    ----------
    function : callable
        Returns the unfitted estimator.
    parameters : callable
        Returns the parameters of the module.
    **facts
        The fields of :class:`LearnerFacts` except ``parameters``.
    """

    def write(step: CodeStep) -> None:
        declared = {each.name: each for each in parameters()}
        fixed = {name: step.value(name) for name in declared if not step.is_bound(name)}
        search = {
            n: each for n, each in fixed.items() if isinstance(each, ValuesToTry | RangeToTry)
        }
        fixed |= {name: each.first for name, each in search.items()}
        bound = [name for name in declared if step.is_bound(name)]
        first = {name: _trial(declared[name], 1) for name in bound}
        estimator = function(**fixed, **first)
        sources: dict[tuple[str, ...], str] = {}
        for name in bound:
            second = _trial(declared[name], 2)
            changed = _changed(estimator, function(**fixed, **{**first, name: second}))
            if any(pair != (first[name], second) for pair in changed.values()):
                step.refuse(
                    f"{declared[name].title} isn't a parameter of scikit-learn's estimator, so it "
                    "can't be a pipeline parameter"
                )
            sources |= dict.fromkeys(changed, step.source(name))
        given = {name: step.source(name) for name in bound}
        given |= {
            name: literal(value)
            for name, value in fixed.items()
            if step.is_given(name) and name not in search
        }
        tries = step.readers("untrained_model")
        maker = ""
        if any(tries):
            maker = step.outputs[0] if all(tries) else step.variable(f"make_{step.outputs[0]}")
            arguments = ", ".join(f"{name}={source}" for name, source in given.items())
            called = step.helper(function)
            if arguments:
                called = f"{step.name('functools', 'partial')}({called}, {arguments})"
            step.write(f"{maker} = {called}")
        if maker != step.outputs[0]:
            step.write(f"{step.outputs[0]} = {constructor(step, estimator, sources)}")
        applying = {name: fixed.get(name) for name in declared}
        known = LearnerFacts(
            parameters=applying,
            search=search,
            declared=tuple(declared.values()),
            given=given,
            maker=maker,
            companions=(maker,) if maker not in ("", step.outputs[0]) else (),
            weights=weights_parameters(estimator),
            scales=_scales(estimator),
            assigns=getattr(_final(estimator), "assigns", False),
            **facts,
        )
        step.know("untrained_model", known)

    return write


def constructor(
    step: CodeStep, estimator: Any, sources: Mapping[tuple[str, ...], str] | None = None
) -> str:
    """Return the source that constructs an unfitted estimator.

    Parameters
    ----------
    sources : mapping, optional
        The source of some parameters, by their path.
    """
    return _constructor(step, estimator, sources or {}, ())


def write_training(
    step: CodeStep,
    model: str,
    label: str | None,
    *,
    frame: str,
    features: str = "",
    positive: str = "",
    fresh: bool = False,
    learner: str = "",
    learner_port: str = "untrained_model",
    port: str = "dataset",
) -> ModelFacts:
    """Write the statements that train a model on a frame.

    Parameters
    ----------
    model : str
        The variable of the model.
    label : str, optional
        The column to predict.
    features : str
        Source of the list of features; by default all columns with that role.
    positive : str
        Source of the positive class.
    fresh : bool
        The learner is trained several times.
    learner : str
        Source of the learner; by default the input.
    learner_port, port : str
        The inputs that the learner and the frame are from.
    """
    facts: LearnerFacts = step.facts(learner_port)
    table: TableFacts = step.facts(port)
    if not isinstance(facts, LearnerFacts):
        step.refuse("its learner isn't known")
    rows, folds = frame, table.having_role(Role.FOLD)[:1] if facts.folds else []
    if label is not None:
        rows = step.variable("labeled")
        subset = literal([label, *folds] if folds else label)
        step.write(f"{rows} = {frame}.dropna(subset={subset}, ignore_index=True)")
    if features:
        used, names = step.variable("features"), features
        if not features.isidentifier():
            names = step.variable("names")
            step.write(f"{names} = {features}")
        step.write(f'{used} = {rows}[{names}].dropna(axis="columns", how="all")')
    else:
        used = write_features(step, table, rows, [] if label is None else [label])
    target, found = "", ""
    if label is not None and facts.task == "regression":
        target = f", {rows}[{literal(label)}].astype(float)"
    elif label is not None:
        from modules.learning.exported import class_codes

        codes, found = step.variable("codes"), step.variable("classes")
        given = f", {positive}" if positive and facts.task == "two-class" else ""
        call = f"{step.helper(class_codes)}({rows}[{literal(label)}]{given})"
        step.write(f"{'_' if facts.labels else codes}, {found} = {call}")
        target = f", {codes}"
    if facts.labels:
        target = f", {rows}[{literal(label)}]{', ' if found else ''}{found}"
    pipeline = _pipeline(step, facts, used, learner or _input(step, learner_port, fresh))
    weights = table.having_role(Role.WEIGHT)
    weighted = ""
    if weights:
        values = f"{rows}[{literal(weights[0])}].astype(float)"
        weighted = "".join(f", {name}={values}" for name in facts.weights)
    if folds:
        weighted += f", groups={rows}[{literal(folds[0])}]"
    step.write(f"{model} = {pipeline}", f"{model}.fit({used}{target}{weighted})")
    return ModelFacts(facts, label, found, training=Kept(frame))


def write_features(step: CodeStep, table: TableFacts, rows: str, targets: list[str]) -> str:
    """Write the statement that selects the features of a frame; return their variable.

    Parameters
    ----------
    targets : list of str
        Columns of the frame that aren't features, whatever their role.
    """
    used = step.variable("features")
    others = [name for name in table.roles if name not in targets]
    chosen = rows
    if targets or others:
        quiet = ', errors="ignore"' if others else ""
        chosen = f"{rows}.drop(columns={literal([*targets, *others])}{quiet})"
    if table.score_prefixes:
        prefixes = literal(tuple(table.score_prefixes))
        chosen = f"{chosen}.loc[:, lambda frame: ~frame.columns.str.startswith({prefixes})]"
    step.write(f'{used} = {chosen}.dropna(axis="columns", how="all")')
    return used


def label_of_training(
    step: CodeStep, parameter: str = "label_column", port: str = "dataset"
) -> str:
    """Return the label chosen by a parameter, or else by its role."""
    selector = step.value(parameter)
    if selector.is_empty:
        labels = step.facts(port).having_role(Role.LABEL)
        if len(labels) == 1:
            return str(labels[0])
        step.refuse("the label isn't known before the run; choose it by name")
    names = step.names(parameter)
    if names is None or len(set(names)) != 1:
        step.refuse("the label isn't known before the run; choose it by name")
    return names[0]


def _input(step: CodeStep, port: str, fresh: bool) -> str:
    """Return the source of the learner, which training changes."""
    learner = step.inputs[port]
    if fresh or step.is_shared(port):
        learner = f"{step.name('sklearn.base', 'clone')}({learner})"
    return learner


def _pipeline(step: CodeStep, facts: LearnerFacts, features: str, learner: str) -> str:
    from modules.learning.exported import is_text, one_hot_encoder, ordinal_encoder
    from modules.learning.training_data import with_sparse_scalers

    if facts.on_frames:
        return learner
    make = step.name("sklearn.pipeline", "make_pipeline")
    if facts.encoding == "codes":
        filled = "" if facts.takes_missing else ", fill_missing=True"
        encoder = f"{step.helper(ordinal_encoder)}({features}{filled})"
        if facts.categorical_parameter:
            mask = step.variable("categorical")
            is_category = f"{step.helper(is_text)}({features}[name])"
            step.write(f"{mask} = [{is_category} for name in {features}]")
            learner = f"{learner}.set_params({facts.categorical_parameter}={mask})"
    else:
        filled = ", fill_missing=False" if facts.takes_missing else ""
        encoder = f"{step.helper(one_hot_encoder)}({features}{filled})"
        if facts.scales:
            matrix = f"{encoder}.fit_transform({features})"
            learner = f"{step.helper(with_sparse_scalers)}({learner}, {matrix})"
    return f"{make}({encoder}, {learner})"


def _constructor(
    step: CodeStep,
    estimator: Any,
    sources: Mapping[tuple[str, ...], str],
    path: tuple[str, ...],
) -> str:
    kind = type(estimator)
    if kind.__module__.partition(".")[0] == __name__.partition(".")[0]:
        name = step.helper(kind)
    else:
        name = step.name(_public_module(kind), kind.__name__)
    defaults = inspect.signature(kind).parameters
    arguments = []
    for parameter, value in estimator.get_params(deep=False).items():
        inner = (*path, parameter)
        if parameter == "steps":
            steps = [
                f"({literal(label)}, {_constructor(step, each, sources, (*inner, label))})"
                for label, each in value
            ]
            return f"{name}([{', '.join(steps)}])"
        if inner in sources:
            arguments.append(f"{parameter}={sources[inner]}")
        elif hasattr(value, "get_params"):
            arguments.append(f"{parameter}={_constructor(step, value, sources, inner)}")
        elif repr(value) != repr(defaults[parameter].default):
            arguments.append(f"{parameter}={literal(value)}")
    return f"{name}({', '.join(arguments)})"


def weights_parameters(estimator: Any) -> tuple[str, ...]:
    """Return the parameters for the weights of rows of a pipeline that ends with an estimator."""
    name = type(estimator).__name__.lower()
    return tuple(f"{name}__{each}" for each in weighted_parameters(estimator))


def _final(estimator: Any) -> Any:
    return estimator[-1] if hasattr(estimator, "steps") else estimator


def _scales(estimator: Any) -> bool:
    from sklearn.preprocessing import MinMaxScaler

    return any(isinstance(each, MinMaxScaler) for _, each in getattr(estimator, "steps", ()))


def _public_module(kind: type) -> str:
    """Return the shortest module that offers a class."""
    parts = kind.__module__.split(".")
    for count in range(1, len(parts)):
        module = ".".join(parts[:count])
        if getattr(importlib.import_module(module), kind.__name__, None) is kind:
            return module
    return kind.__module__


def _changed(one: Any, other: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Return the parameters that differ, by path, with both values."""
    if type(one) is not type(other):
        return {path: (one, other)}
    found: dict[tuple[str, ...], Any] = {}
    second = other.get_params(deep=False)
    for name, value in one.get_params(deep=False).items():
        inner = (*path, name)
        if name == "steps":
            for (label, each), (_, theirs) in zip(value, second[name], strict=True):
                found |= _changed(each, theirs, (*inner, label))
        elif hasattr(value, "get_params"):
            found |= _changed(value, second[name], inner)
        elif repr(value) != repr(second[name]):
            found[inner] = (value, second[name])
    return found


def _trial(parameter: Parameter, number: int) -> Any:
    """Return one of two allowed values of a parameter."""
    default = parameter.read(parameter.default)
    if isinstance(default, bool):
        return default if number == 1 else not default
    if isinstance(default, (int, float)):
        value = default if number == 1 else default + 1
        if parameter.maximum is not None and value > parameter.maximum:
            value = default / 2
        return value
    others = [each for each in parameter.choices if each != default]
    return default if number == 1 or not others else others[0]

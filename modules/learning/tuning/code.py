"""The template of Tune Model Hyperparameters: code without this project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modules.contract import ValuesToTry
from modules.contract.code import CodeStep, Kept, LearnerFacts, ModelFacts, TableFacts, literal
from modules.contract.errors import ModuleError
from modules.contract.parameter import Search
from modules.learning.code import label_of_training, write_training
from modules.learning.evaluation.trained_code import (
    returned,
    write_labeled,
    write_measurement,
    write_parts,
)
from modules.learning.tuning.bayesian import bayesian_search
from modules.learning.tuning.exported import FramesToTry
from modules.learning.tuning.settings import (
    Space,
    entire_grid,
    random_grid,
    random_sweep,
    what_to_try,
)
from modules.learning.tuning.trials import Aim, best_first, check_trials, results_table
from modules.learning.tuning.tuner import Tuner


def write_tuning(step: CodeStep, aim: Aim) -> None:
    """Write the statements of Tune Model Hyperparameters.

    Parameters
    ----------
    aim : Aim
        The metric that decides.
    """
    results, best, report = step.outputs
    if report != "_":
        step.refuse("its report is made by ModelDesk")
    learner: LearnerFacts = step.facts("untrained_model")
    if not learner.maker:
        step.refuse("it can't try other parameters of its learner in code")
    label = label_of_training(step, port="training_dataset")
    space = _space(step, learner)
    trained, facts = _write_trained(step, learner, label)
    metrics = _write_metrics(step, label, trained, facts)
    parts = _write_parts(step, learner, label)
    seed = step.source("seed")
    stratified = learner.task != "regression"
    tries, decides, tuner, ranked = map(step.variable, ("space", "aim", "tuner", "ranked"))
    frames = (
        f"{step.helper(FramesToTry)}({parts}, {metrics}, {literal(label)}, {seed}, {stratified})"
    )
    options = "".join(
        f", {name}={step.source(parameter)}"
        for name, parameter in (("stop_poor", "stop_poor_settings"), ("patience", "patience"))
        if step.is_given(parameter)
    )
    step.write(
        f"{tries} = {space}",
        f"{decides} = {step.helper(Aim)}({literal(aim.metric)}, {aim.lower_is_better})",
        f"{tuner} = {step.helper(Tuner)}({frames}, {decides}{options})",
        _search(step, tuner, tries, seed),
        f"{step.helper(check_trials)}({tuner}.trials, {decides})",
        f"{ranked} = {step.helper(best_first)}({tuner}.trials, {decides})",
    )
    if results != "_":
        step.write(f"{results} = {step.helper(results_table)}({ranked}, {decides})")
    if best != "_":
        classes = step.variable("classes") if facts.classes else ""
        target = f"{best}, {classes}" if classes else best
        step.write(f"{target} = {trained}({ranked}[0].setting, {step.inputs['training_dataset']})")
        training = Kept(step.inputs["training_dataset"])
        step.know("trained_best_model", ModelFacts(learner, label, classes, training=training))
    step.know("sweep_results", TableFacts(are_metrics=True))


def _search(step: CodeStep, tuner: str, space: str, seed: str) -> str:
    """Return the statement that tries settings."""
    mode, runs = step.value("mode"), step.source("runs")
    if mode == "Bayesian":
        return f"{step.helper(bayesian_search)}({tuner}, {space}, {runs}, {seed})"
    if mode == "entire grid":
        return f"{tuner}.try_each({step.helper(entire_grid)}({space}))"
    drawn = step.helper(random_grid if mode == "random grid" else random_sweep)
    method = "halve" if mode == "successive halving" else "try_each"
    return f"{tuner}.{method}({drawn}({space}, {runs}, {seed}))"


def _space(step: CodeStep, learner: LearnerFacts) -> str:
    """Return the source of what to try."""
    declared = {each.name: each for each in learner.declared}
    values: dict[str, Any] = {
        name: each.default if learner.parameters[name] is None else learner.parameters[name]
        for name, each in declared.items()
    }
    for name, each in declared.items():
        decides = each.sweep or any(name in other.when for other in declared.values())
        varies = name in learner.given and learner.parameters[name] is None
        if decides and varies and not learner.search:
            step.refuse(
                f"the pipeline parameter of {each.title} decides what is tried; enter values "
                "to try for a parameter of its learner"
            )
    sweep = {
        name: each.sweep
        for name, each in declared.items()
        if each.sweep and _applies(declared, name, values)
    }
    try:
        searches = what_to_try(learner.title, declared.values(), values, learner.search, sweep)
    except ModuleError as error:
        step.refuse(error.message.rstrip("."))
    conditions = {name: dict(each.when) for name, each in declared.items() if each.when}
    needed = [name for each in conditions.values() for name in each]
    fixed = ", ".join(
        f"{literal(name)}: {learner.given.get(name, literal(values[name]))}"
        for name in dict.fromkeys(needed)
    )
    tried = ", ".join(f"{literal(name)}: {_source(step, each)}" for name, each in searches.items())
    return f"{step.helper(Space)}({{{tried}}}, {{{fixed}}}, {literal(conditions)})"


def _applies(declared: Mapping[str, Any], name: str, values: Mapping[str, Any]) -> bool:
    return all(
        _applies(declared, other, values) and values[other] in allowed
        for other, allowed in declared[name].when.items()
    )


def _source(step: CodeStep, search: Search) -> str:
    kind = step.helper(type(search))
    if isinstance(search, ValuesToTry):
        return f"{kind}({literal(search.values)})"
    options = "".join(
        f", {name}={value!r}"
        for name in ("log", "points")
        if (value := getattr(search, name)) != getattr(type(search), name)
    )
    return f"{kind}({literal(search.low)}, {literal(search.high)}{options})"


def _write_trained(step: CodeStep, learner: LearnerFacts, label: str) -> tuple[str, ModelFacts]:
    """Write a function that trains the learner with a setting; return its name."""
    trained = step.variable("trained")
    with step.local():
        setting, rows, model = map(step.variable, ("setting", "rows", "model"))
        step.write(f"def {trained}({setting}, {rows}):")
        with step.indented():
            step.write('"""Return the learner trained with a setting."""')
            facts = write_training(
                step,
                model,
                label,
                frame=rows,
                positive=step.source("positive_class") if step.is_given("positive_class") else "",
                learner=f"{learner.maker}(**{setting})",
                port="training_dataset",
            )
            step.write(f"return {returned(model, facts)}", "")
    return trained, facts


def _write_metrics(step: CodeStep, label: str, trained: str, facts: ModelFacts) -> str:
    """Write a function that evaluates a setting; return its name."""
    metrics = step.variable("metrics")
    with step.local():
        names = ("setting", "rows", "held_out", "model", "scores")
        setting, rows, testing, model, scores = map(step.variable, names)
        step.write(f"def {metrics}({setting}, {rows}, {testing}):")
        with step.indented():
            step.write(
                '"""Return how well the learner with a setting predicts rows held out."""',
                f"{returned(model, facts)} = {trained}({setting}, {rows})",
            )
            write_measurement(step, label, facts, model, testing, scores)
    step.write("")
    return metrics


def _write_parts(step: CodeStep, learner: LearnerFacts, label: str) -> str:
    """Write the rows to train on, and those to evaluate on; return their variable."""
    if "validation_dataset" in step.inputs:
        parts, training = step.variable("parts"), step.inputs["training_dataset"]
        known = f".dropna(subset={literal(label)}, ignore_index=True)"
        validation = step.inputs["validation_dataset"]
        step.write(f"{parts} = [({training}{known}, {validation}{known})]")
        return parts
    return write_parts(step, learner, label, *write_labeled(step, label, "training_dataset"))[0]

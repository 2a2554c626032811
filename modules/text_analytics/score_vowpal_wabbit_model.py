"""Score Vowpal Wabbit Model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from modules.contract import DataTable, ModuleError, Role, Tasks, module
from modules.contract.code import CodeStep, TableFacts, literal
from modules.text_analytics._vowpal_wabbit import (
    TASK,
    VowpalWabbitModel,
    arguments_of,
    example_lines,
    examples_of,
    label_of,
    run,
)
from modules.values import Files, TrainedModel

if TYPE_CHECKING:
    import pandas as pd

RESULTS = "Results"
LABELS = "Labels"
RAW = "Raw Scores"


def _code(step: CodeStep) -> None:
    lines = step.variable("examples")
    options = f"{step.source('file_name')}, {step.source('file_type')}"
    examples = f"{step.helper(example_lines)}({step.inputs['test_data']}, {options})"
    arguments = literal(arguments_of(step.value("vw_arguments")))
    given = [lines, step.inputs["trained_vowpal_wabbit_model"], arguments]
    given += [
        f"{short}={step.source(name)}"
        for short, name in (("labels", "include_labels"), ("raw", "include_raw_scores"))
        if step.is_given(name)
    ]
    step.write(
        f"{lines} = {examples}",
        f"{step.outputs[0]} = {step.helper(scored)}({', '.join(given)})",
    )
    roles = {LABELS: Role.LABEL, RESULTS: Role.SCORE, RAW: Role.SCORE}
    step.know("scored_dataset", TableFacts(roles))


@module(
    "Score Vowpal Wabbit Model",
    outputs=("scored_dataset",),
    keywords=("vw", "online learning", "predict", "text", "svmlight"),
    requires=("numpy", "pandas", "vowpalwabbit"),
    code=_code,
    row="Vowpal Wabbit works on many examples at once",
)
def score_vowpal_wabbit_model(
    trained_vowpal_wabbit_model: Annotated[TrainedModel, Tasks(TASK)],
    test_data: DataTable | Files,
    *,
    vw_arguments: Annotated[str, Field(title="VW arguments")] = "",
    file_name: Annotated[str, Field(title="Name of the test data file")] = "",
    file_type: Annotated[Literal["VW", "SVMLight"], Field(title="Specify file type")] = "VW",
    include_labels: Annotated[
        bool, Field(title="Include an extra column containing labels")
    ] = False,
    include_raw_scores: Annotated[
        bool, Field(title="Include an extra column containing raw scores")
    ] = False,
) -> DataTable:
    """Predict with a model of Vowpal Wabbit.

    Parameters
    ----------
    trained_vowpal_wabbit_model : TrainedModel
        From Train Vowpal Wabbit Model.
    test_data : DataTable or Files
        A table whose first column of text contains an example in each row, or text files with
        one in each line.
    vw_arguments : str
        Options of Vowpal Wabbit's command line, ``--link logistic`` for example.
    file_name : str
        Of several files, the one to use.
    file_type : str
        ``VW`` or ``SVMLight``, as in training.
    include_labels : bool
        Add the labels of the examples; missing where an example has none.
    include_raw_scores : bool
        Add the scores before they are limited, or linked to probabilities.

    Returns
    -------
    scored_dataset : DataTable
        ``Results``, and if they are included ``Labels`` and ``Raw Scores``. What isn't a number,
        several scores for example, is text.

    Notes
    -----
    For Evaluate Model, rename the columns with Edit Metadata: labels to ``Labels``, results to
    ``Regression Scored Labels``, for example.
    """
    model = trained_vowpal_wabbit_model
    if not isinstance(model, VowpalWabbitModel):
        raise ModuleError(
            "wrong-model",
            f"{model.title} isn't a model of Vowpal Wabbit.",
            "Link the output of Train Vowpal Wabbit Model.",
            port="trained_vowpal_wabbit_model",
        )
    lines = examples_of(test_data, file_name, file_type, "test_data")
    frame = scored(
        lines,
        model.model,
        arguments_of(vw_arguments),
        labels=include_labels,
        raw=include_raw_scores,
    )
    roles = {LABELS: Role.LABEL, RESULTS: Role.SCORE, RAW: Role.SCORE}
    return DataTable(frame, {name: roles[name] for name in frame.columns})


def scored(
    lines: Sequence[str],
    model: bytes,
    arguments: Sequence[str],
    *,
    labels: bool = False,
    raw: bool = False,
) -> pd.DataFrame:
    """Return the results of examples.

    Parameters
    ----------
    model : bytes
        The file of the model.
    labels, raw : bool
        Include the labels, and the raw scores.
    """
    import pandas as pd

    given = [*arguments, "-t", "-i", "{folder}/model", "-p", "{folder}/results"]
    found = run(lines, [*given, "-r", "{folder}/raw"], {"model": model})
    columns: dict[str, Any] = {}
    if labels:
        columns[LABELS] = pd.Series([label_of(line) for line in lines], dtype="float64")
    columns[RESULTS] = _values(found["results"], len(lines))
    if raw:
        columns[RAW] = _values(found["raw"], len(lines))
    return pd.DataFrame(columns)


def _values(content: bytes, count: int) -> Any:
    """Return one result for each example: as numbers, if all are."""
    import pandas as pd

    texts = [line.strip() for line in content.decode("utf-8", "replace").splitlines()]
    texts = [text for text in texts if text]
    if len(texts) != count:
        raise ModuleError(
            "wrong-examples",
            f"Vowpal Wabbit scored {len(texts):,} examples of {count:,} lines.",
            "Check the examples, and use options that score each line.",
            port="test_data",
        )
    try:
        # A tag follows the number.
        return pd.Series([float(text.split()[0]) for text in texts])
    except ValueError:
        return pd.Series(texts, dtype="str")

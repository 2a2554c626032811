"""Score Vowpal Wabbit Model."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from modules.contract import DataTable, ModuleError, Role, Tasks, module
from modules.text_analytics._vowpal_wabbit import (
    TASK,
    VowpalWabbitModel,
    arguments_of,
    examples_of,
    label_of,
    run,
)
from modules.values import Files, TrainedModel

RESULTS = "Results"
LABELS = "Labels"
RAW = "Raw Scores"


@module(
    "Score Vowpal Wabbit Model",
    outputs=("scored_dataset",),
    keywords=("vw", "online learning", "predict", "text", "svmlight"),
    requires=("numpy", "pandas", "vowpalwabbit"),
    code="its models are files of Vowpal Wabbit",
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
    import pandas as pd

    model = trained_vowpal_wabbit_model
    if not isinstance(model, VowpalWabbitModel):
        raise ModuleError(
            "wrong-model",
            f"{model.title} isn't a model of Vowpal Wabbit.",
            "Link the output of Train Vowpal Wabbit Model.",
            port="trained_vowpal_wabbit_model",
        )
    lines = examples_of(test_data, file_name, file_type, "test_data")
    given = [*arguments_of(vw_arguments), "-t", "-i", "{folder}/model", "-p", "{folder}/results"]
    found = run(lines, [*given, "-r", "{folder}/raw"], {"model": model.model})
    columns: dict[str, Any] = {}
    if include_labels:
        columns[LABELS] = pd.Series([label_of(line) for line in lines], dtype="float64")
    columns[RESULTS] = _values(found["results"], len(lines))
    if include_raw_scores:
        columns[RAW] = _values(found["raw"], len(lines))
    roles = {LABELS: Role.LABEL, RESULTS: Role.SCORE, RAW: Role.SCORE}
    return DataTable(pd.DataFrame(columns), {name: roles[name] for name in columns})


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

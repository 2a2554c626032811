"""Train Vowpal Wabbit Model."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from modules.contract import DataTable, ModuleError, Serving, Tasks, module
from modules.contract.code import CodeStep, LearnerFacts, ModelFacts, literal
from modules.text_analytics._vowpal_wabbit import (
    TASK,
    TITLE,
    VowpalWabbitModel,
    arguments_of,
    example_lines,
    examples_of,
    run,
    trained,
)
from modules.values import Files, TrainedModel


def _code(step: CodeStep) -> None:
    lines = step.variable("examples")
    options = f"{step.source('file_name')}, {step.source('file_type')}"
    examples = f"{step.helper(example_lines)}({step.inputs['training_data']}, {options})"
    arguments = literal(arguments_of(step.value("vw_arguments")))
    before = step.inputs.get("pre_trained_vowpal_wabbit_model", "")
    given = f"{lines}, {arguments}{', ' if before else ''}{before}"
    step.write(
        f"{lines} = {examples}",
        f"{step.outputs[0]} = {step.helper(trained)}({given})",
    )
    step.know("trained_vowpal_wabbit_model", ModelFacts(LearnerFacts(TITLE, TASK)))


@module(
    "Train Vowpal Wabbit Model",
    outputs=("trained_vowpal_wabbit_model",),
    keywords=("vw", "online learning", "hashing", "text", "fit", "svmlight"),
    requires=("numpy", "pandas", "vowpalwabbit"),
    when_serving=Serving.AS_FITTED,
    code=_code,
)
def train_vowpal_wabbit_model(
    training_data: DataTable | Files,
    pre_trained_vowpal_wabbit_model: Annotated[TrainedModel | None, Tasks(TASK)] = None,
    *,
    vw_arguments: Annotated[str, Field(title="VW arguments")] = "",
    file_name: Annotated[str, Field(title="Name of the training data file")] = "",
    file_type: Annotated[Literal["VW", "SVMLight"], Field(title="Specify file type")] = "VW",
    output_readable_model: Annotated[bool, Field(title="Output readable model file")] = False,
    output_inverted_hash: Annotated[bool, Field(title="Output inverted hash file")] = False,
) -> Annotated[TrainedModel, Tasks(TASK)]:
    """Train a model with Vowpal Wabbit, or continue to train one.

    Parameters
    ----------
    training_data : DataTable or Files
        A table whose first column of text contains an example in each row, or text files with
        one in each line.
    pre_trained_vowpal_wabbit_model : TrainedModel, optional
        A model that is trained further.
    vw_arguments : str
        Options of Vowpal Wabbit's command line that influence learning, for example
        ``--loss_function logistic -b 20 --passes 5``.
    file_name : str
        Of several files, the one to use.
    file_type : str
        ``VW``: Vowpal Wabbit's own format, ``1 | price:0.23 red``. ``SVMLight``:
        ``1 3:0.5 17:1``.
    output_readable_model : bool
        Include the weights by hash, to be visualized.
    output_inverted_hash : bool
        Include the weights by feature, to be visualized.

    Returns
    -------
    trained_vowpal_wabbit_model : TrainedModel
        For Score Vowpal Wabbit Model.

    Notes
    -----
    Options that read or write files, and learning that needs other data (``--lda``,
    ``--rank``, ``--search``, ``--active``, ``--cbt``, ``--wap``), can't be used. The same
    examples in the same order give the same model.

    Unlike in Azure ML designer, examples can be in a column of a table, and the model to continue,
    which is optional, is the second input.
    """
    arguments = arguments_of(vw_arguments)
    lines = examples_of(training_data, file_name, file_type, "training_data")
    before = pre_trained_vowpal_wabbit_model
    if before is not None and not isinstance(before, VowpalWabbitModel):
        raise ModuleError(
            "wrong-model",
            f"{before.title} isn't a model of Vowpal Wabbit.",
            "Link the output of Train Vowpal Wabbit Model.",
            port="pre_trained_vowpal_wabbit_model",
        )
    model = trained(lines, arguments, None if before is None else before.model)
    texts = {"readable": "", "inverted": ""}
    for name, wanted, option in (
        ("readable", output_readable_model, "--readable_model"),
        ("inverted", output_inverted_hash, "--invert_hash"),
    ):
        if wanted:
            # In a separate pass, since names of features aren't in the cache.
            asked = ["-t", "-i", "{folder}/model", option, "{folder}/text"]
            texts[name] = run(lines, asked, {"model": model})["text"].decode("utf-8", "replace")
    return VowpalWabbitModel(
        title=TITLE,
        task=TASK,
        learner=__name__,
        parameters={"vw_arguments": vw_arguments, "file_type": file_type},
        versions=_versions(),
        arguments=arguments,
        model=model,
        readable=texts["readable"],
        inverted=texts["inverted"],
    )


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {"vowpalwabbit": version("vowpalwabbit")}

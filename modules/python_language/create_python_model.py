"""Create Python Model."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from modules.contract import Effects, Script, Serving, Tasks, module
from modules.contract.code import CodeStep, LearnerFacts, literal
from modules.python_language._python_model import TITLE, make_learner
from modules.values import UntrainedModel

DEFAULT_SCRIPT = """\
# train gets the feature columns and the label as pandas objects, predict the same columns.
# predict returns a DataFrame with "Scored Labels" and, of two classes, the probability of the
# second one in sorted order as "Scored Probabilities".

import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


class AzureMLModel:
    # Tune Model Hyperparameters tries these values of the arguments of __init__.
    sweep = {"C": [0.1, 1.0, 10.0]}

    def __init__(self, C=1.0):
        learner = LogisticRegression(C=C)
        self.model = make_pipeline(SimpleImputer(), StandardScaler(), learner)
        self.columns = []

    def train(self, df_train, df_label):
        self.columns = df_train.select_dtypes("number").columns.tolist()
        self.model.fit(df_train[self.columns], df_label)

    def predict(self, df):
        features = df[self.columns]
        return pd.DataFrame(
            {
                "Scored Labels": self.model.predict(features),
                "Scored Probabilities": self.model.predict_proba(features)[:, 1],
            }
        )
"""


def _code(step: CodeStep) -> None:
    from modules.python_language._exported_model import PythonModel

    task = step.value("task")
    given = f"{step.source('script')}, {literal(task)}"
    step.write(f"{step.outputs[0]} = {step.helper(PythonModel)}({given})")
    step.know("untrained_model", LearnerFacts(TITLE, task, on_frames=True, labels=True))


@module(
    "Create Python Model",
    outputs=("untrained_model",),
    keywords=("custom", "own", "learner", "class", "AzureMLModel", "sklearn", "script"),
    requires=("numpy", "pandas", "scikit-learn"),
    effects=Effects.USER_CODE,
    when_serving=Serving.DROP,
    code=_code,
)
def create_python_model(
    *,
    script: Annotated[str, Field(title="Python script"), Script("python")] = DEFAULT_SCRIPT,
    task: Literal["two-class", "multiclass", "regression"] = "two-class",
) -> Annotated[UntrainedModel, Tasks("two-class", "multiclass", "regression")]:
    """Define a learner as a Python class, to be trained like any other.

    The script defines a class ``AzureMLModel`` with the methods ``train(self, df_train,
    df_label)`` and ``predict(self, df)``.

    Parameters
    ----------
    script : str
        The program text.
    task : str
        What the model predicts: one of two classes, one of several, or a number.

    Returns
    -------
    untrained_model : UntrainedModel
        For Train Model, Cross Validate Model, and Tune Model Hyperparameters.

    Notes
    -----
    ``train`` receives the features as a DataFrame and the label as a Series, without the rows
    that have no label; nothing else is prepared, so missing values, text, and dates are left to
    the class. ``predict`` receives the same columns in the same order, and returns a DataFrame with
    a row for each row and the column ``Scored Labels``, or the labels alone. Other columns are
    scores too; their names must differ from those of the dataset.

    Evaluate Model uses these probabilities: of two classes ``Scored Probabilities`` of the
    class that is second in sorted order, as in ``predict_proba(df)[:, 1]``; if the other one is
    the positive class, 1 minus it is output. A column ``probabilities`` is renamed to that. Of
    several classes ``Scored Probabilities_CLASS`` of each.

    The class is created for each training, with the defaults of the arguments of
    ``__init__``, which every argument must have. Tune Model Hyperparameters tries the values in the
    dictionary ``sweep`` of the class, for arguments whose default is a boolean, a number, or
    text.

    A trained model is stored as its script and its state, never as a pickle: its attributes, which
    may be plain values, lists, dictionaries, NumPy arrays, and objects of scikit-learn and
    LightGBM. A class with other attributes, a network for example, has two more methods:
    ``save(self, folder)`` writes its state into files, and ``load(self, folder)`` reads them
    in place of ``__init__``.

    A model runs its script wherever it scores, so a package with such a model must be trusted
    like one with a script. The libraries that the script imports must be installed in
    ModelDesk's environment.

    Azure ML designer can only train and score such models; here they can be evaluated,
    cross-validated, and tuned too, and the task is a parameter.
    """
    return make_learner(script, task, __name__)

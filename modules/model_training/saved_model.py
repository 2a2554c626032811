"""Saved Model."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from modules.contract import PathOf, module
from modules.values import TrainedModel


@module(
    "Saved Model",
    outputs=("trained_model",),
    keywords=("trained", "load", "inference", "MD", "registered"),
    requires=("numpy", "pandas", "scikit-learn"),
    code="only ModelDesk can read a stored model; export the pipeline that trains it",
)
def saved_model(
    *, path: Annotated[str, Field(title="Folder"), PathOf("read", folder=True, value=True)]
) -> TrainedModel:
    """Load a trained model saved from a run.

    In an inference pipeline it replaces the steps that trained the model.

    Parameters
    ----------
    path : str
        The folder of the model, relative to the folder of the pipeline.

    Returns
    -------
    trained_model : TrainedModel
        For Score Model or Assign Data to Clusters.

    Notes
    -----
    The folder is the one in which the run stored the output, or a copy of it. It is read like any
    output of a step; a pickle is never loaded. The conversion to an inference pipeline adds the
    module for what training fitted.
    """
    from modules.values.saved import load_saved

    return load_saved(path, TrainedModel)

"""Saved Transformation."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from modules.contract import PathOf, module
from modules.values import Transformation


@module(
    "Saved Transformation",
    outputs=("transformation",),
    keywords=("fitted", "load", "inference", "TD"),
    requires=("pandas", "numpy"),
)
def saved_transformation(
    *, path: Annotated[str, Field(title="Folder"), PathOf("read", folder=True, value=True)]
) -> Transformation:
    """Load a fitted transformation saved from a run.

    In an inference pipeline it transforms new data in the same way as the training data.

    Parameters
    ----------
    path : str
        The folder of the transformation, relative to the folder of the pipeline.

    Returns
    -------
    transformation : Transformation
        For Apply Transformation.
    """
    from modules.values.saved import load_saved

    return load_saved(path, Transformation)

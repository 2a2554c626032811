"""Apply Transformation."""

from __future__ import annotations

from modules.contract import DataTable, module
from modules.values import Transformation


@module(
    "Apply Transformation",
    outputs=("transformed_dataset",),
    keywords=("clean", "normalize", "indicator", "bins", "same", "new data", "reuse"),
    requires=("pandas", "numpy"),
)
def apply_transformation(transformation: Transformation, dataset: DataTable) -> DataTable:
    """Change new data in the way that was learnt from other data.

    The cleaning, scaling, binning or encoding learnt from training data, for example, is
    applied to test data.

    Parameters
    ----------
    transformation : Transformation
        What was learnt, from the second output of Clean Missing Data for example.
    dataset : DataTable
        A table with the columns that the transformation was learnt from.

    Returns
    -------
    transformed_dataset : DataTable
        The table after the change.
    """
    return transformation.apply(dataset)

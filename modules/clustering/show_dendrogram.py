"""Show Dendrogram."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from modules.contract import (
    CLUSTERING,
    AsTables,
    Columns,
    ColumnSelector,
    DataTable,
    ModuleError,
    Serving,
    module,
)
from modules.contract.chart import Chart, Series
from modules.contract.code import CodeStep, column_of, literal
from modules.contract.sheet import Sheet
from modules.values import TrainedModel
from modules.values.report import Report, Section

if TYPE_CHECKING:
    import pandas as pd

_SHOWN_MERGES = 20


def _code(step: CodeStep) -> None:
    given = step.inputs["trained_model"]
    if "dataset" in step.inputs and not step.value("name_column").is_empty:
        given += f", {step.inputs['dataset']}[{literal(column_of(step, 'name_column'))}]"
    step.write(f"{step.outputs[0]} = {step.helper(tree_tables)}({given})")


@module(
    "Show Dendrogram",
    outputs=("report",),
    keywords=("tree", "hierarchy", "linkage", "how many clusters", "scree"),
    requires=("numpy", "scikit-learn", "scipy"),
    when_serving=Serving.DROP,
    code=_code,
)
def show_dendrogram(
    trained_model: Annotated[TrainedModel, CLUSTERING],
    dataset: DataTable | None = None,
    *,
    name_column: Annotated[ColumnSelector, Columns(of="dataset", single=True)] = ColumnSelector(),
) -> Annotated[Report, AsTables()]:
    """Show how hierarchical clustering merged the rows into a tree.

    The height of a link is the distance of the two groups that it merges. Cut the tree where the
    links get much longer: each branch below the cut is a cluster.

    Parameters
    ----------
    trained_model : TrainedModel
        From Train Clustering Model with Hierarchical Clustering.
    dataset : DataTable, optional
        The training rows in the same order, to name the leaves.
    name_column : ColumnSelector
        The column with their names. By default leaves are named by the number of the row, from 0.

    Returns
    -------
    report : Report
        The tree, of which the top 300 leaves are shown; the heights of its last merges; the sizes
        of the clusters; and how well the tree represents the distances.

    Notes
    -----
    The cophenetic correlation (Sokal and Rohlf 1962) is that of the distances of all pairs of
    rows and the heights at which they are merged, computed of at most 2,000 rows, evenly chosen.
    """
    import numpy as np

    final: Any = getattr(trained_model, "final_estimator", None)
    links = getattr(final, "linkage_", None)
    if links is None:
        raise ModuleError(
            "wrong-model",
            f"{trained_model.title} doesn't make a tree.",
            "Connect a model of Hierarchical Clustering.",
            port="trained_model",
        )
    names = _names(dataset, name_column, len(links) + 1)
    sizes = np.bincount(final.labels_)
    heights = links[:, 2]
    title = "Ward's distance" if final.linkage == "ward" else f"{final.metric} distance"
    tree = Chart("dendrogram", "Tree", y_title=title, categories=names, links=links.tolist())
    last = heights[::-1][:_SHOWN_MERGES]
    steps = np.arange(1, len(last) + 1)
    merges = Chart(
        "lines",
        "Height of the last merges",
        "Clusters after the merge",
        title,
        [Series("Height", steps, last)],
    )
    rows = tuple((f"Cluster {index}", int(size)) for index, size in enumerate(sizes))
    return Report(
        "Dendrogram",
        (
            Section("Tree", f"{len(links) + 1:,} rows. {_fit(final)}", chart=tree),
            Section(
                "Number of clusters",
                "Merges that are much higher than those before join groups that differ: there are "
                "more clusters than after such a merge.",
                chart=merges,
            ),
            Section("Clusters of the model", sheet=Sheet(("Cluster", "Rows"), rows)),
        ),
    )


def tree_tables(model: Any, names: pd.Series | None = None) -> dict[str, pd.DataFrame]:
    """Return the merges of a tree of clusters, the cluster of each row, and the clusters.

    Draw the tree with ``scipy.cluster.hierarchy.dendrogram(merges)``.

    Parameters
    ----------
    model : sklearn.pipeline.Pipeline
        Fitted.
    names : pandas.Series, optional
        Of the rows.
    """
    import numpy as np
    import pandas as pd

    final = model
    while hasattr(final, "steps"):
        final = final[-1]
    merges = pd.DataFrame(final.linkage_, columns=["First", "Second", "Height", "Rows"])
    rows = pd.DataFrame({"Cluster": final.labels_})
    if names is not None:
        rows.insert(0, "Name", names.to_numpy())
    sizes = np.bincount(final.labels_)
    clusters = pd.DataFrame({"Cluster": np.arange(len(sizes)), "Rows": sizes})
    return {"merges": merges, "rows": rows, "clusters": clusters}


def _names(dataset: DataTable | None, column: ColumnSelector, rows: int) -> list[str]:
    if dataset is None:
        return []
    if len(dataset) != rows:
        raise ModuleError(
            "rows-differ",
            f"The dataset has {len(dataset):,} rows, but the model was trained on {rows:,}.",
            "Connect the dataset that the model was trained on.",
            port="dataset",
        )
    if column.is_empty:
        return []
    name = column.resolve_one(dataset.columns, parameter="name_column")
    values = dataset.frame[name]
    return [
        f"row {index}" if missing else str(value)
        for index, (value, missing) in enumerate(zip(values, values.isna(), strict=True))
    ]


def _fit(final: Any) -> str:
    """Return the sentence with the cophenetic correlation."""
    import numpy as np
    from scipy.cluster.hierarchy import cophenet
    from scipy.spatial.distance import pdist, squareform

    kept = np.unique(np.linspace(0, len(final.rows_) - 1, 2_000).astype(int))
    merged = squareform(cophenet(final.linkage_))[np.ix_(kept, kept)]
    apart = pdist(final.rows_[kept], "cityblock" if final.metric == "Manhattan" else "euclidean")
    together = squareform(merged, checks=False)
    if len(apart) < 2 or not apart.std() or not together.std():
        return ""
    found = float(np.corrcoef(apart, together)[0, 1])
    return f"Cophenetic correlation: {found:.3f} (1 if the heights show the distances exactly)."

"""What is known of each column of a table, and what about it harms a model."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modules.contract import DataTable, Role
from modules.contract.chart import Chart, Series
from modules.contract.columns import NUMERIC
from modules.contract.data_table import kind_of
from modules.contract.sheet import Sheet
from modules.tables.frames import shown, without_categories
from modules.values import Report, Section

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MISSING_THRESHOLD = 0.2
"""The share of missing values above which a column is reported, by default."""

_MOST_CHARTS = 100
_MOST_CORRELATED = 40
_BINS = 20
_TOP = 10
_SHARES = {"5%": 0.05, "25%": 0.25, "Median": 0.5, "75%": 0.75, "95%": 0.95}


@dataclass(frozen=True)
class Profile:
    """What is known of a column.

    Parameters
    ----------
    row : dict
        Its row of the result.
    warnings : list of str
    finite : numpy.ndarray
        Its finite numbers.
    counts : pandas.Series
        How often each value occurs, the most frequent first.
    """

    row: dict[str, Any]
    warnings: list[str]
    finite: np.ndarray
    counts: pd.Series


def profile_dataset(
    dataset: DataTable, label: str = "", most_missing: float = MISSING_THRESHOLD
) -> tuple[pd.DataFrame, Report]:
    """Return a row for each column, and the report.

    Parameters
    ----------
    label : str
        The column that others may give away; by default the one with the role label.
    most_missing : float
        A larger share of missing values is a warning.
    """
    labels = dataset.having_role(Role.LABEL)
    label = label or (labels[0] if len(labels) == 1 else "")
    profiles = [
        column_profile(dataset.frame, column.name, column.role, label, most_missing)
        for column in dataset.columns
    ]
    table = profile_table(profiles)
    return table, profile_report(dataset, table, profiles)


def column_profile(
    frame: pd.DataFrame, name: str, role: str, label: str, most_missing: float
) -> Profile:
    """Return what is known of a column.

    Parameters
    ----------
    label : str
        The column that it may give away; empty without one.
    most_missing : float
        A larger share of missing values is a warning.
    """
    import numpy as np

    kind = kind_of(frame[name].dtype)
    values = without_categories(frame[name])
    known = values.dropna()
    rows, distinct = len(values), int(known.nunique())
    missing = rows - len(known)
    row: dict[str, Any] = {
        "Column": name,
        "Type": kind,
        "Role": role,
        "Missing": missing,
        "Missing share": missing / rows if rows else np.nan,
        "Distinct": distinct,
    }
    counts = known.value_counts(sort=True)
    top = counts.index[0] if len(counts) else None
    row["Most frequent"] = None if top is None else str(top)
    row["Its count"] = int(counts.iloc[0]) if len(counts) else 0
    warnings = []
    numbers = known.to_numpy("float64") if kind in NUMERIC else np.empty(0)
    finite = numbers[np.isfinite(numbers)]
    if len(finite):
        row |= _statistics(finite)
        with np.errstate(over="ignore"):
            spread = row["75%"] - row["25%"]
            far = np.abs(finite - row["Median"]) > 3 * spread
        if spread > 0 and (far.mean() > 0.01 or len(finite) < len(numbers)):
            warnings.append(f"{far.mean():.1%} of the values are outliers.")
    if len(finite) < len(numbers):
        warnings.append(f"{len(numbers) - len(finite):,} values are infinite.")
    if rows and missing == rows:
        warnings.append("It has no values.")
    elif rows and missing / rows > most_missing:
        warnings.append(f"{missing / rows:.0%} of the values are missing.")
    if len(known) and distinct == 1:
        warnings.append("It is constant.")
    if kind in ("integer", "string") and len(known) > 1 and distinct == len(known):
        warnings.append("All its values differ, as those of an identifier do.")
    elif kind in ("string", "categorical") and distinct > 50 and distinct > rows / 10:
        warnings.append(f"It has {distinct:,} categories.")
    if label and name != label and _gives_away(values, without_categories(frame[label])):
        warnings.append(f"It gives away the label “{label}”.")
    return Profile(row, warnings, finite, counts)


def _statistics(values: Any) -> dict[str, float]:
    import numpy as np
    import pandas as pd

    found = dict(zip(_SHARES, np.quantile(values, list(_SHARES.values())).tolist(), strict=True))
    with np.errstate(all="ignore"):
        more = {
            "Minimum": values.min(),
            "Maximum": values.max(),
            "Mean": values.mean(),
            "Standard deviation": values.std(ddof=1) if len(values) > 1 else np.nan,
            "Skewness": pd.Series(values).skew(),
        }
    return found | {name: float(value) for name, value in more.items()}


def _gives_away(values: pd.Series, label: pd.Series) -> bool:
    """Return whether a column gives the label away, so that it is likely a consequence of it."""
    import numpy as np
    import pandas as pd

    both = values.notna() & label.notna()
    values, label = values[both], label[both]
    if len(values) < 10 or label.nunique() < 2:
        return False
    numeric = [each.dtype.kind in "iuf" for each in (values, label)]
    if all(numeric) and label.nunique() > 2:
        with np.errstate(all="ignore"):
            related = np.corrcoef(values.to_numpy("float64"), label.to_numpy("float64"))[0, 1]
        return bool(abs(related) > 0.99)
    if values.nunique() > len(values) / 2 or label.nunique() > len(label) / 2:
        return False
    codes = pd.factorize(values)[0].astype("int64") * (label.nunique() + 1)
    pairs = np.unique(codes + pd.factorize(label)[0])
    return len(pairs) == values.nunique() and values.nunique() > 1


def _chart(name: str, finite: Any, counts: pd.Series) -> Chart:
    import numpy as np

    # Of halves, so that the difference of the largest numbers is one, too.
    if len(finite) and finite.max() / 2 - finite.min() / 2 < 1e307 and len(counts) > _TOP:
        # Huge numbers may be too close together for bins.
        with contextlib.suppress(ValueError):
            heights, edges = np.histogram(finite, bins=_BINS)
            return Chart("steps", name, name, "Rows", [Series("Rows", edges, heights)])
    first = counts.head(_TOP)
    labels = [shown(value) for value in first.index]
    values = first.tolist()
    if len(counts) > _TOP:
        labels.append("(others)")
        values.append(int(counts.iloc[_TOP:].sum()))
    return Chart("bars", name, "Rows", series=[Series("Rows", y=values)], categories=labels)


def profile_table(profiles: list[Profile]) -> pd.DataFrame:
    """Return a row for each column."""
    import pandas as pd

    numbers = ("Minimum", *_SHARES, "Maximum", "Mean", "Standard deviation", "Skewness")
    names = ["Column", "Type", "Role", "Missing", "Missing share", "Distinct"]
    names += ["Most frequent", "Its count", *numbers]
    frame = pd.DataFrame([profile.row for profile in profiles], columns=names)
    texts = dict.fromkeys(("Column", "Type", "Role", "Most frequent"), "str")
    integers = dict.fromkeys(("Missing", "Distinct", "Its count"), "int64")
    floats = dict.fromkeys(("Missing share", *numbers), "float64")
    frame = frame.astype({**texts, **integers, **floats})
    warnings = [" ".join(profile.warnings) or None for profile in profiles]
    frame["Warnings"] = pd.Series(warnings, dtype="str")
    return frame


def profile_report(dataset: DataTable, table: pd.DataFrame, profiles: list[Profile]) -> Report:
    """Return the report of a table: size, warnings, columns, correlations, a chart of each column.

    Parameters
    ----------
    table : pandas.DataFrame
        What :func:`profile_table` returned.
    """
    frame = dataset.frame
    duplicates = int(frame.duplicated().sum()) if frame.shape[1] else 0
    cells = frame.shape[0] * frame.shape[1]
    missing = int(table["Missing"].sum())
    sentences = (
        f"{len(frame):,} rows and {frame.shape[1]:,} columns.",
        f"{duplicates:,} rows repeat an earlier one.",
        f"{missing:,} values are missing, {missing / cells:.1%} of all."
        if cells
        else f"{missing:,} values are missing.",
    )
    sections = [Section("Overview", " ".join(sentences))]
    warned = table.loc[table["Warnings"].notna(), ["Column", "Warnings"]]
    if len(warned):
        sections.append(Section("Warnings", sheet=Sheet.of(warned)))
    sections.append(Section("Columns", sheet=Sheet.of(table)))
    numeric = [column.name for column in dataset.columns if column.kind in NUMERIC]
    if len(numeric) > 1:
        sections.append(_correlations(dataset, numeric))
    for profile in profiles[:_MOST_CHARTS]:
        if len(profile.counts):
            name, note = str(profile.row["Column"]), " ".join(profile.warnings)
            chart = _chart(name, profile.finite, profile.counts)
            sections.append(Section(name, note, chart=chart))
    return Report("Data profile", tuple(sections))


def _correlations(dataset: DataTable, names: list[str]) -> Section:
    from modules.tables.figures.matrices import correlations

    shown_names = names[:_MOST_CORRELATED]
    values = correlations(dataset, shown_names)
    rows = [Series(name, y=row) for name, row in zip(shown_names, values, strict=True)]
    chart = Chart("heatmap", "", series=rows, categories=shown_names)
    more = f" of the first {_MOST_CORRELATED} of {len(names):,} numeric columns"
    text = f"Pearson's correlation{more if len(names) > _MOST_CORRELATED else ''}."
    return Section("Correlations", text, chart=chart)

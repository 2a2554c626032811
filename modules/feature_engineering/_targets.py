"""Means of a label by the values of categorical columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from modules.contract import DataTable, ModuleError
from modules.contract.data_table import kind_of
from modules.contract.value import Row, RowFunction
from modules.tables.frames import free_name, rebuilt, without_categories
from modules.values import Transformation

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MISSING = "(missing)"


def fit_targets(
    frame: pd.DataFrame,
    names: list[str],
    label: str,
    *,
    smoothing: float | None = None,
    folds: int = 5,
    seed: int = 0,
    overwrite: bool = True,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return a frame with columns encoded by cross fitting, and the means of all rows."""
    # A selection by type may include the label.
    names = [name for name in names if name != label]
    known = frame[label].notna().to_numpy()
    target, kind = target_of(frame[label][known], label)
    return cross_fitted(
        frame,
        names,
        target,
        kind,
        label=label,
        known=known,
        smoothing=smoothing,
        folds=folds,
        seed=seed,
        overwrite=overwrite,
    )


def cross_fitted(
    frame: pd.DataFrame,
    names: list[str],
    target: np.ndarray,
    kind: str,
    *,
    label: str,
    classes: Sequence[Any] | None = None,
    known: np.ndarray | None = None,
    smoothing: float | None = None,
    folds: int = 5,
    seed: int = 0,
    overwrite: bool = True,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return a frame with columns encoded by cross fitting, and the means of all rows.

    Parameters
    ----------
    target : numpy.ndarray
        The label of the rows that have one.
    kind : str
        ``continuous``, ``binary``, or ``multiclass``.
    label : str
        What errors name it.
    classes : sequence, optional
        The names of several classes whose codes are the target; by default the target has them.
    known : numpy.ndarray of bool, optional
        The rows that have a label; by default all.
    """
    import numpy as np
    import pandas as pd
    from sklearn.model_selection import KFold, StratifiedKFold
    from sklearn.preprocessing import TargetEncoder

    if known is None:
        known = np.ones(len(frame), bool)
    smallest = pd.Series(target).value_counts().min() if kind != "continuous" else known.sum()
    if known.sum() < 2 or smallest < 2:
        raise ModuleError(
            "too-few-rows",
            f"Column “{label}” has too few rows with a label, or a class with one row only.",
            "Use more rows, or remove rare classes.",
            parameter="label_column",
            column=label,
        )
    splitter = KFold if kind == "continuous" else StratifiedKFold
    coded = [coded_texts(frame[name]) for name in names]
    codes = np.column_stack([numbers for numbers, _ in coded])
    encoder = TargetEncoder(
        target_type=kind,
        smooth="auto" if smoothing is None else smoothing,
        cv=splitter(int(min(folds, smallest)), shuffle=True, random_state=seed),
    )
    matrix = encoder.fit_transform(codes[known], target)
    labels = [""]
    if kind == "multiclass":
        labels = [str(each if classes is None else classes[each]) for each in encoder.classes_]
    taken, fitted = set(frame.columns), []
    for place, name in enumerate(names):
        outputs = []
        for each in labels:
            suffix = f" {each}" if each else ""
            output = name if overwrite and not each else f"{name}{suffix or ' target'}"
            output = output if output == name else free_name(output, taken)
            taken.add(output)
            outputs.append(output)
        first = place * len(labels)
        fitted.append(
            {
                "column": name,
                "outputs": outputs,
                "values": [coded[place][1][code] for code in encoder.categories_[place]],
                "means": [
                    encoder.encodings_[first + number].tolist() for number in range(len(labels))
                ],
            }
        )
    overall = np.atleast_1d(encoder.target_mean_).astype("float64").tolist()
    entries = {"columns": fitted, "overall": overall, "drop": bool(overwrite and labels != [""])}
    encoded = encode_targets(frame, entries)
    outputs = [output for entry in fitted for output in entry["outputs"]]
    crossed = {}
    for place, output in enumerate(outputs):
        values = encoded[output].to_numpy(copy=True)
        values[known] = matrix[:, place]
        crossed[output] = values
    return rebuilt(encoded, changed=crossed), entries


def many_valued(frame: pd.DataFrame, names: Iterable[str], more_than: int) -> list[str]:
    """Return the columns of texts or categories with more different values."""
    return [
        name
        for name in names
        if kind_of(frame[name].dtype) in ("string", "categorical")
        and frame[name].nunique() > more_than
    ]


def target_of(column: pd.Series, label: str) -> tuple[np.ndarray, str]:
    """Return the label as scikit-learn expects it, and its type."""
    import numpy as np

    if kind_of(column.dtype) == "number":
        values = column.to_numpy("float64")
        if not np.isfinite(values).all():
            raise ModuleError(
                "infinite-value",
                f"Column “{label}” contains infinite values.",
                "Clip the values first.",
                parameter="label_column",
                column=label,
            )
        return values, "continuous"
    distinct = column.nunique()
    if kind_of(column.dtype) == "integer" and distinct > 2:
        return column.to_numpy("float64"), "continuous"
    if kind_of(column.dtype) == "datetime" or not 2 <= distinct <= 50:
        raise ModuleError(
            "label-unfit",
            f"Column “{label}” has {distinct:,} different values; numbers or 2 to 50 classes are "
            "needed.",
            "Choose another label column.",
            parameter="label_column",
            column=label,
        )
    return category_texts(column), "binary" if distinct == 2 else "multiclass"


def kind_of_target(target: np.ndarray, regression: bool) -> str:
    """Return what scikit-learn calls numbers, or the codes of classes."""
    if regression:
        return "continuous"
    return "binary" if target.max() < 2 else "multiclass"


def category_texts(column: pd.Series) -> np.ndarray:
    """Return the values of a column as texts, missing ones too."""
    plain = without_categories(column)
    return plain.astype(object).where(plain.notna(), MISSING).astype(str).to_numpy(object)


def coded_texts(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Return the values of a column as numbers of texts, and the texts; missing is one too."""
    import numpy as np
    import pandas as pd

    codes, values = pd.factorize(without_categories(column))
    texts = [*(str(value) for value in pd.Index(values).tolist()), MISSING]
    places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    return np.array([places[text] for text in texts])[codes], list(places)


def encode_targets(frame: pd.DataFrame, fitted: Mapping[str, Any]) -> pd.DataFrame:
    """Return a frame with columns encoded by the means of all rows."""
    import numpy as np
    import pandas as pd

    changed = {}
    for entry in fitted["columns"]:
        codes, texts = coded_texts(frame[entry["column"]])
        places = pd.Index(entry["values"]).get_indexer(pd.Index(texts))
        for output, means, overall in zip(
            entry["outputs"], entry["means"], fitted["overall"], strict=True
        ):
            changed[output] = np.array([*means, overall])[places][codes]
    added = {name: values for name, values in changed.items() if name not in frame.columns}
    dropped = [entry["column"] for entry in fitted["columns"]] if fitted["drop"] else []
    return rebuilt(frame, changed=changed, appended=added, dropped=dropped)


@dataclass(frozen=True, eq=False)
class TargetMeans(Transformation):
    """The mean of the label for each value, as found by Target Encoding.

    Parameters
    ----------
    columns : list of dict
        ``column``, the ``outputs``, the ``values`` as text, and of each output the ``means``.
    overall : list of float
        The mean of the label, for values that are unknown; for several classes of each.
    drop : bool
        The encoded columns are removed.
    """

    title: ClassVar[str] = "Target means"
    cross_fitted: ClassVar[bool] = True
    on_frames = staticmethod(encode_targets)

    columns: list[dict[str, Any]]
    overall: list[float]
    drop: bool

    def apply(self, table: DataTable) -> DataTable:
        """Return the table with the means; see :class:`Transformation`."""
        table.require(entry["column"] for entry in self.columns)
        return table.with_frame(encode_targets(table.frame, vars(self)))

    @property
    def known_values(self) -> Mapping[str, list[Any]]:
        """The values of each column, as text."""
        return {
            entry["column"]: [value for value in entry["values"] if value != MISSING]
            for entry in self.columns
        }

    def compile(self) -> RowFunction | None:
        """Return a row function."""
        steps = [
            (
                entry["column"],
                output,
                dict(zip(entry["values"], means, strict=True)),
                overall,
            )
            for entry in self.columns
            for output, means, overall in zip(
                entry["outputs"], entry["means"], self.overall, strict=True
            )
        ]
        dropped = [entry["column"] for entry in self.columns] if self.drop else []

        def encode(row: Row) -> dict[str, Any]:
            result = {name: value for name, value in row.items() if name not in dropped}
            for name, output, means, overall in steps:
                value = row[name]
                text = MISSING if value is None or value != value else str(value)
                result[output] = means.get(text, overall)
            return result

        return encode

    def describe(self) -> pd.DataFrame:
        """Return one row for each value."""
        import pandas as pd

        rows = [
            (output, value, mean)
            for entry in self.columns
            for output, means in zip(entry["outputs"], entry["means"], strict=True)
            for value, mean in zip(entry["values"], means, strict=True)
        ]
        frame = pd.DataFrame(rows, columns=["Column", "Value", "Mean"])
        return frame.astype({"Column": "str", "Value": "str", "Mean": float})

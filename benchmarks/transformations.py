"""Each transformation against the obvious call of pandas or scikit-learn.

Prints processor seconds, the best of several runs of both, one after the other, and their ratio;
at most 1.1 is good. With --growth it prints how much longer some take for 10 and 100 times the
rows; linear is 10 and 100.

    python benchmarks/transformations.py [ROWS] [--growth] [--only NAME]
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.impute import KNNImputer
from sklearn.model_selection import KFold, train_test_split
from sklearn.preprocessing import MinMaxScaler, TargetEncoder, quantile_transform

from designer.catalog import load_catalog
from modules.contract import DataTable, Role

RUNS = 3
CATALOG = load_catalog()
TEXTS_OF_ROWS = 50
"""Rows for one text: words take longer than numbers."""

SOME_ROWS = 200
"""Rows for one row of what compares rows with rows."""


@dataclass(frozen=True)
class Case:
    """A module with parameters, and the obvious call that does the same.

    Parameters
    ----------
    obvious : callable
        Gets the frames of the inputs.
    second : callable, optional
        Makes the second input from the first.
    kind : str
        ``rows``, ``texts`` or ``some`` rows.
    """

    parameters: Mapping[str, Any]
    obvious: Callable[..., Any]
    second: Callable[[pd.DataFrame], pd.DataFrame] | None = None
    kind: str = "rows"


def table(rows: int) -> DataTable:
    """Return a table with every kind of column."""
    random = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "key": random.integers(0, 1_000, rows),
            "town": pd.Series(random.choice(["Bergen", "Lima", "Oslo", "Rome"], rows), dtype="str"),
            "price": random.normal(100, 20, rows),
            "age": random.integers(18, 80, rows),
            "at": pd.Timestamp("2020-01-01")
            + pd.to_timedelta(random.integers(0, 10**8, rows), "s"),
            "label": random.random(rows) < 0.5,
        }
    )
    frame["gaps"] = frame["price"].where(random.random(rows) < 0.9)
    return DataTable(frame, {"label": Role.LABEL})


def texts(rows: int) -> DataTable:
    """Return texts of 20 words, which are as frequent as those of a language."""
    random = np.random.default_rng(1)
    words = np.array([f"word{number}" for number in range(5000)])
    shares = 1 / np.arange(1, 5001)
    chosen = random.choice(words, (rows, 20), p=shares / shares.sum())
    return DataTable(pd.DataFrame({"text": [" ".join(row) for row in chosen]}, dtype="str"))


def dummies(frame: pd.DataFrame) -> Any:
    return pd.get_dummies(frame, columns=["town"], dtype="int64")


def lagged(frame: pd.DataFrame) -> Any:
    ordered = frame.sort_values("at", kind="stable")
    return frame.assign(lag=ordered.groupby("key")["price"].shift(1))


def scaled(frame: pd.DataFrame) -> Any:
    names = ["price", "age"]
    found = MinMaxScaler().fit_transform(frame[names])
    return frame.assign(price=found[:, 0], age=found[:, 1])


def prices(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"key": np.arange(1000), "limit": np.arange(1000) / 10})


def counted(frame: pd.DataFrame) -> Any:
    words = r"(?u)\b\w{3,25}\b"
    found = CountVectorizer(token_pattern=words, min_df=5, binary=True).fit_transform(frame["text"])
    return pd.concat([frame, pd.DataFrame(found.toarray(), copy=False)], axis=1)


def topics(frame: pd.DataFrame) -> Any:
    found = TfidfVectorizer(min_df=2, sublinear_tf=True, max_features=50_000).fit_transform(
        frame["text"]
    )
    reduced = TruncatedSVD(20, n_iter=5, random_state=0).fit_transform(found)
    return pd.concat([frame, pd.DataFrame(reduced)], axis=1)


def encoded(frame: pd.DataFrame) -> Any:
    encoder = TargetEncoder(cv=KFold(5, shuffle=True, random_state=0), target_type="continuous")
    return frame.assign(town=encoder.fit_transform(frame[["town"]], frame["price"])[:, 0])


def imputed(frame: pd.DataFrame) -> Any:
    names = ["price", "age", "key", "gaps"]
    scaled = (frame[names] - frame[names].mean()) / frame[names].std(ddof=0)
    return KNNImputer().fit(scaled[:2000]).transform(scaled)


def components(frame: pd.DataFrame) -> Any:
    numbers = frame[["key", "price", "age"]].astype("float64")
    scaled = (numbers - numbers.mean()) / numbers.std(ddof=0)
    return pd.concat([frame, pd.DataFrame(PCA(2).fit_transform(scaled))], axis=1)


CASES: dict[str, Case] = {
    "add_columns": Case(
        {},
        lambda frame, other: pd.concat([frame, other], axis=1),
        lambda frame: frame[["age"]].add_suffix("2"),
    ),
    "add_rows": Case(
        {},
        lambda frame, other: pd.concat([frame, other], ignore_index=True),
        lambda frame: frame.copy(),
    ),
    "apply_math_operation": Case(
        {"columns": ["price"], "basic_function": "Sqrt"},
        lambda frame: frame.assign(made=np.sqrt(frame["price"])),
    ),
    "clean_missing_data": Case(
        {"columns": ["gaps"], "cleaning_mode": "replace with mean"},
        lambda frame: frame.assign(gaps=frame["gaps"].fillna(frame["gaps"].mean())),
    ),
    "clip_values": Case(
        {"columns": ["price"], "upper_constant": 120.0},
        lambda frame: frame.assign(price=frame["price"].clip(upper=120.0)),
    ),
    "convert_to_dataset": Case(
        {"action": "SetMissingValues", "custom_missing_value": "50"},
        lambda frame: frame.assign(
            **{
                name: frame[name].astype("float64").mask(frame[name] == 50)
                for name in ("key", "price", "age", "gaps")
            },
            town=frame["town"].mask(frame["town"] == "50"),
        ),
    ),
    "convert_to_indicator_values": Case({"columns": ["town"], "overwrite": True}, dummies),
    "edit_metadata": Case(
        {"columns": ["town"], "categorical": "categorical"},
        lambda frame: frame.assign(town=frame["town"].astype("category")),
    ),
    "group_data_into_bins": Case(
        {"columns": ["price"], "number_of_bins": 10},
        lambda frame: frame.assign(bins=pd.qcut(frame["price"], 10)),
    ),
    "join_data": Case(
        {"left_keys": ["key"], "right_keys": ["key"]},
        lambda frame, other: frame.merge(other, on="key"),
        prices,
    ),
    "normalize_data": Case(
        {"columns": ["price", "age"], "method": "MinMax"},
        scaled,
    ),
    "partition_and_sample": Case(
        {"rate": 0.1},
        lambda frame: frame.sample(frac=0.1, random_state=0).reset_index(drop=True),
    ),
    "remove_duplicate_rows": Case(
        {"key_columns": ["key", "town"]},
        lambda frame: frame.drop_duplicates(["key", "town"], ignore_index=True),
    ),
    "select_columns_in_dataset": Case(
        {"columns": ["price", "town"]}, lambda frame: frame[["price", "town"]]
    ),
    "split_data": Case(
        {"fraction": 0.7},
        lambda frame: train_test_split(frame, train_size=0.7, random_state=0),
    ),
    "formula_columns": Case(
        {"formulas": 'total = price * age + key\nlarge = if(price > 100, "yes", "no")'},
        lambda frame: frame.assign(
            total=frame["price"] * frame["age"] + frame["key"],
            large=pd.Series(np.where(frame["price"] > 100, "yes", "no"), dtype="str"),
        ),
    ),
    "filter_rows": Case(
        {
            "rules": [
                {"column": "price", "comparison": "greater than", "value": "100"},
                {"column": "town", "comparison": "is one of", "value": "Oslo, Rome"},
            ]
        },
        lambda frame: frame[
            (frame["price"] > 100) & frame["town"].isin(["Oslo", "Rome"])
        ].reset_index(drop=True),
    ),
    "lookup": Case(
        {"keys": ["key"], "lookup_keys": ["key"]},
        lambda frame, other: frame.merge(other, "left", on="key"),
        prices,
    ),
    "group_by": Case(
        {"keys": ["town", "key"], "columns": ["price"], "functions": "mean, sum"},
        lambda frame: (
            frame.groupby(["town", "key"])["price"].agg(["mean", "sum", "size"]).reset_index()
        ),
    ),
    "pivot": Case(
        {"keys": ["key"], "column": ["town"], "values": ["price"]},
        lambda frame: frame.pivot_table("price", "key", "town").reset_index(),
    ),
    "unpivot": Case(
        {"columns": ["price", "age"]},
        lambda frame: frame.melt(["key", "town", "at", "label", "gaps"], ["price", "age"]),
    ),
    "sort_rows": Case(
        {"keys": ["town", "price"]},
        lambda frame: frame.sort_values(["town", "price"], kind="stable", ignore_index=True),
    ),
    "window_and_rank": Case(
        {"function": "lag", "columns": ["price"], "partition": ["key"], "order": ["at"]}, lagged
    ),
    "date_parts": Case(
        {"columns": ["at"]},
        lambda frame: frame.assign(
            year=frame["at"].dt.year.astype(float),
            month=frame["at"].dt.month.astype(float),
            weekday=frame["at"].dt.day_of_week + 1.0,
        ),
    ),
    "text_parts": Case(
        {"columns": ["town"], "operation": "length"},
        lambda frame: frame.assign(length=frame["town"].str.len().astype("float64")),
    ),
    "sample_by_stratum": Case(
        {"keys": ["key"], "rows": 100},
        lambda frame: frame.groupby("key").sample(100, random_state=0).reset_index(drop=True),
    ),
    "frequency_encoding": Case(
        {"columns": ["town"]},
        lambda frame: frame.assign(
            town=frame["town"].map(frame["town"].value_counts(normalize=True))
        ),
    ),
    "target_encoding": Case({"columns": ["town"], "label_column": ["price"]}, encoded),
    "impute_missing_values": Case(
        {"columns": ["price", "age", "key", "gaps"]}, imputed, kind="some"
    ),
    "principal_component_analysis": Case(
        {
            "columns": ["key", "price", "age"],
            "choose_by": "number of components",
            "overwrite": False,
        },
        components,
    ),
    "transform_distribution": Case(
        {"columns": ["price"], "method": "quantiles to uniform"},
        lambda frame: frame.assign(
            price=quantile_transform(frame[["price"]], subsample=None)[:, 0]
        ),
    ),
    "lag_and_rolling_features": Case(
        {"time_column": ["at"], "columns": ["price"], "series_columns": ["key"]}, lagged
    ),
    "resample_by_time": Case(
        {"time_column": ["at"], "columns": ["price"]},
        lambda frame: frame.resample("D", on="at")["price"].mean().reset_index(),
    ),
    "extract_n_gram_features_from_text": Case({"text_column": ["text"]}, counted, kind="texts"),
    "latent_semantic_analysis": Case(
        {"target_columns": ["text"], "components": 20}, topics, kind="texts"
    ),
}  # fmt: skip

GROWING = (
    "formula_columns",
    "filter_rows",
    "join_data",
    "group_by",
    "sort_rows",
    "resample_by_time",
)


def seconds(call: Callable[[], Any]) -> float:
    """Return the processor time of a call."""
    start = time.process_time()
    call()
    return time.process_time() - start


def calls(
    name: str, tables: Mapping[str, DataTable]
) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Return the module and the obvious call, ready to run."""
    case, spec = CASES[name], CATALOG[name]
    given = [tables[case.kind]]
    if case.second is not None:
        given.append(DataTable(case.second(given[0].frame)))
    inputs = given + [None] * (len(spec.inputs) - len(given))
    arguments = spec.read_parameters(dict(case.parameters))
    frames = [each.frame for each in given]
    return lambda: spec(*inputs, **arguments), lambda: case.obvious(*frames)


def ratios(rows: int, only: str) -> None:
    """Print the ratio of each module."""
    tables = {"rows": table(rows), "texts": texts(rows // TEXTS_OF_ROWS)}
    tables["some"] = tables["rows"].slice(0, rows // SOME_ROWS)
    print(f"{rows:,} rows; seconds of the module, of the obvious call, and their ratio")
    for name in CASES:
        if only not in name:
            continue
        module, obvious = calls(name, tables)
        pairs = [(seconds(module), seconds(obvious)) for _ in range(RUNS)]
        own, other = (min(each) for each in zip(*pairs, strict=True))
        print(f"{name:34}{own:8.3f}{other:8.3f}{own / max(other, 1e-6):8.2f}", flush=True)


def growth(rows: int, only: str) -> None:
    """Print how the time grows with the rows."""
    sizes = [rows // 10, rows, rows * 10]
    print(f"seconds for {', '.join(f'{size:,}' for size in sizes)} rows, and growth by the first")
    for name in GROWING:
        if only not in name:
            continue
        found = []
        for size in sizes:
            module, _ = calls(name, {"rows": table(size)})
            found.append(min(seconds(module) for _ in range(2)))
        growths = "".join(f"{each / found[0]:8.1f}" for each in found)
        print(f"{name:34}{''.join(f'{each:8.3f}' for each in found)}{growths}", flush=True)


def main() -> None:
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    (growth if given.growth else ratios)(given.rows, given.only)


if __name__ == "__main__":
    main()

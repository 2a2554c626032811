"""What each transformation does on a large table, and the obvious call that does the same.

Read by ``benchmarks/transformations.py``.
"""

from __future__ import annotations

import importlib
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pyarrow import Table, csv
from sklearn.decomposition import PCA, LatentDirichletAllocation, TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.feature_selection import f_classif
from sklearn.impute import KNNImputer
from sklearn.model_selection import KFold, train_test_split
from sklearn.preprocessing import MinMaxScaler, TargetEncoder, quantile_transform
from sklearn.utils.class_weight import compute_sample_weight

from modules.contract import DataTable, ModuleSpec
from modules.values import Files


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
    by_rows : callable, optional
        Returns more parameters for a number of rows.
    without : tuple of str
        Columns of the table that neither gets.
    query : str
        The obvious call of DuckDB on the tables ``t1`` and ``t2``, where it is a candidate for
        the quickest.
    library : str
        One that both need and that may be missing.
    """

    parameters: Mapping[str, Any]
    obvious: Callable[..., Any]
    second: Callable[[pd.DataFrame], pd.DataFrame] | None = None
    kind: str = "rows"
    by_rows: Callable[[int], Mapping[str, Any]] | None = None
    without: tuple[str, ...] = ()
    query: str = ""
    library: str = ""


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
    counter = CountVectorizer(token_pattern=words, min_df=0.01, binary=True)
    found = counter.fit_transform(frame["text"])
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


BY_TOWN = "select town, avg(price) as price from t1 group by town"


def queried(frame: pd.DataFrame) -> Any:
    with closing(sqlite3.connect(":memory:")) as database:
        frame[["town", "price"]].to_sql("t1", database, index=False)
        return pd.read_sql(BY_TOWN, database)


def queried_with_duckdb(frame: pd.DataFrame) -> Any:
    with closing(importlib.import_module("duckdb").connect()) as database:
        database.execute("set threads = 1")
        database.register("t1", frame[["town", "price"]])
        return database.execute(BY_TOWN).df()


def weighted(frame: pd.DataFrame) -> Any:
    return frame.assign(weight=compute_sample_weight("balanced", frame["label"]))


def written(frame: pd.DataFrame) -> Any:
    with tempfile.NamedTemporaryFile() as file:
        csv.write_csv(Table.from_pandas(frame, preserve_index=False, nthreads=1), file.name)


def divided(frame: pd.DataFrame) -> Any:
    border = frame["at"].quantile(0.8)
    parts = frame[frame["at"] < border], frame[frame["at"] >= border]
    return [part.reset_index(drop=True) for part in parts]


def hashed(frame: pd.DataFrame) -> Any:
    found = HashingVectorizer(
        n_features=1024, alternate_sign=False, norm=None, ngram_range=(1, 2), dtype=np.float32
    ).transform(frame["text"])
    return pd.concat([frame, pd.DataFrame(found.toarray(), copy=False)], axis=1)


def themes(frame: pd.DataFrame) -> Any:
    counts = CountVectorizer(ngram_range=(1, 2), max_features=20_000).fit_transform(frame["text"])
    model = LatentDirichletAllocation(
        5,
        doc_topic_prior=0.01,
        topic_word_prior=0.01,
        learning_method="online",
        learning_decay=0.5,
        max_iter=1,
        batch_size=32,
        random_state=0,
    )
    return pd.concat([frame, pd.DataFrame(model.fit(counts).transform(counts))], axis=1)


def best(frame: pd.DataFrame) -> Any:
    names = ["key", "price", "age"]
    scores, _ = f_classif(frame[names], frame["label"])
    return frame[[names[int(np.argmax(scores))], "label"]]


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
    "apply_sql_transformation": Case({"query": BY_TOWN}, queried),
    "apply_sql_transformation DuckDB": Case(
        {"query": BY_TOWN, "engine": "DuckDB"}, queried_with_duckdb, library="duckdb"
    ),
    "class_weights": Case({}, weighted),
    "clean_missing_data": Case(
        {"columns": ["gaps"], "cleaning_mode": "replace with mean"},
        lambda frame: frame.assign(gaps=frame["gaps"].fillna(frame["gaps"].mean())),
    ),
    "clip_values": Case(
        {"columns": ["price"], "upper_constant": 120.0},
        lambda frame: frame.assign(price=frame["price"].clip(upper=120.0)),
    ),
    "convert_to_csv": Case({}, written),
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
        query="select * from t1 join t2 using (key)",
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
        query="select distinct on (key, town) * from t1",
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
        query="select * from t1 where price > 100 and town in ('Oslo', 'Rome')",
    ),
    "lookup_values": Case(
        {"keys": ["key"], "lookup_keys": ["key"]},
        lambda frame, other: frame.merge(other, "left", on="key"),
        prices,
        query="select * from t1 left join t2 using (key)",
    ),
    "group_by": Case(
        {"keys": ["town", "key"], "columns": ["price"], "functions": "mean, sum"},
        lambda frame: (
            frame.groupby(["town", "key"])["price"].agg(["mean", "sum", "size"]).reset_index()
        ),
        query="select town, key, avg(price), sum(price), count() from t1 group by all order by all",
    ),
    "pivot": Case(
        {"keys": ["key"], "column": ["town"], "values": ["price"]},
        lambda frame: frame.pivot_table("price", "key", "town").reset_index(),
        query="pivot t1 on town using avg(price) group by key order by key",
    ),
    "unpivot": Case(
        {"columns": ["price", "age"]},
        lambda frame: frame.melt(["key", "town", "at", "label", "gaps"], ["price", "age"]),
    ),
    "sort_rows": Case(
        {"keys": ["town", "price"]},
        lambda frame: frame.sort_values(["town", "price"], kind="stable", ignore_index=True),
        query="select * from t1 order by town, price",
    ),
    "window_and_rank": Case(
        {"function": "lag", "columns": ["price"], "partition": ["key"], "order": ["at"]},
        lagged,
        query='select *, lag(price) over (partition by key order by "at") from t1',
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
        {"keys": ["key"], "rows": 20},
        lambda frame: frame.groupby("key").sample(20, random_state=0).reset_index(drop=True),
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
    "split_by_time": Case({"time_column": ["at"]}, divided),
    "resample_by_time": Case(
        {"time_column": ["at"], "columns": ["price"]},
        lambda frame: frame.resample("D", on="at")["price"].mean().reset_index(),
        query="select date_trunc('day', \"at\") d, avg(price) from t1 group by d order by d",
    ),
    # Words in a share of the texts are as many, however many texts there are.
    "extract_n_gram_features_from_text": Case(
        {"text_column": ["text"]},
        counted,
        kind="texts",
        by_rows=lambda rows: {"minimum_document_frequency": rows // 100},
    ),
    "feature_hashing": Case({"target_columns": ["text"]}, hashed, kind="texts"),
    "latent_dirichlet_allocation": Case(
        {"target_columns": ["text"], "show_all_options": True, "passes": 1}, themes, kind="texts"
    ),
    "latent_semantic_analysis": Case(
        {"target_columns": ["text"], "components": 20}, topics, kind="texts"
    ),
    "filter_based_feature_selection": Case(
        {"target_column": ["label"], "method": "FScore"}, best, without=("town", "at", "gaps")
    ),
}  # fmt: skip

LEFT_OUT = {
    "convert_word_to_vector": "gensim's training takes all the time",
    "preprocess_text": "no call of a library cleans texts in the same way",
    "smote": "the search for neighbors takes all the time",
    "t_sne": "scikit-learn's t-SNE takes all the time",
    "umap": "umap-learn takes all the time",
}
"""Transformations without an obvious call to compare with."""

CATEGORIES = (
    "Data Transformation",
    "Table Manipulation",
    "Feature Engineering",
    "Feature Selection",
    "Text Analytics",
    "Time Series",
)


def uncovered(catalog: Mapping[str, ModuleSpec]) -> list[str]:
    """Return the modules that turn tables into a table and are neither tried nor left out."""
    tried = {name.partition(" ")[0] for name in CASES}
    return [
        name
        for name, spec in catalog.items()
        if spec.category_title in CATEGORIES
        and spec.inputs
        and all(port.types == (DataTable,) for port in spec.inputs)
        and spec.outputs[0].types in ((DataTable,), (Files,))
        and name not in tried
        and name not in LEFT_OUT
    ]

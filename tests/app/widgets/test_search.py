"""Finding modules, datasets, and commands."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer.app.widgets.search import ranked
from designer.catalog import load_catalog
from modules.contract import ModuleSpec

SPECS = list(load_catalog().values())

FIRST = {
    # As Azure ML designer names them.
    "Split Data": "split_data",
    "MultiClass Logistic Regression": "multiclass_logistic_regression",
    "convert to indicator values": "convert_to_indicator_values",
    "Select Columns in Dataset": "select_columns_in_dataset",
    "K-Means Clustering": "k_means_clustering",
    "Two-Class Boosted Decision Tree": "two_class_boosted_decision_tree",
    "Apply Math Operation": "apply_math_operation",
    "Convert to CSV": "convert_to_csv",
    "SMOTE": "smote",
    "Two-Class Support Vector Machine": "two_class_support_vector_machine",
    "Tune Model Hyperparameters": "tune_model_hyperparameters",
    "Execute R Script": "execute_r_script",
    "PCA-Based Anomaly Detection": "pca_based_anomaly_detection",
    "Train SVD Recommender": "train_svd_recommender",
    # Abbreviated.
    "scd": "select_columns_in_dataset",
    "cmd": "clean_missing_data",
    "selcol": "select_columns_in_dataset",
    "eps": "execute_python_script",
    "tclr": "two_class_logistic_regression",
    "bdtr": "boosted_decision_tree_regression",
    "kmc": "k_means_clustering",
    "cvm": "cross_validate_model",
    "rdr": "remove_duplicate_rows",
    # Mistyped, while typing too.
    "claen missing": "clean_missing_data",
    "slpit": "split_data",
    "logistc regresion": "two_class_logistic_regression",
    "evalaute": "evaluate_model",
    "normalise": "normalize_data",
    "desicion tree": "two_class_boosted_decision_tree",
    "duplciate": "remove_duplicate_rows",
    "vaildate": "cross_validate_model",
    "clustring": "k_means_clustering",
    "improt": "import_data",
    "exectue pyhton": "execute_python_script",
    "summmarize": "summarize_data",
    "standardise": "normalize_data",
    "evaulat": "evaluate_model",
    # Typed on a German keyboard, where Y and Z are swapped.
    "pzthon": "execute_python_script",
    "normaliye": "normalize_data",
    "summariye": "summarize_data",
    "manuallz": "enter_data_manually",
    "discretiye": "group_data_into_bins",
    "applz transformation": "apply_transformation",
    # Other words for the same.
    "impute": "impute_missing_values",
    "onehot": "convert_to_indicator_values",
    "one-hot": "convert_to_indicator_values",
    "rename": "edit_metadata",
    "meta data": "edit_metadata",
    "outliers": "local_outlier_factor",
    "predict": "score_model",
    "roc": "evaluate_model",
    "confusion matrix": "evaluate_model",
    "kfold": "cross_validate_model",
    "kmeans": "k_means_clustering",
    "least squares": "linear_regression",
    "random forest regression": "decision_forest_regression",
    "segment": "k_means_clustering",
    "dedupe": "remove_duplicate_rows",
    "holdout": "split_data",
    "csv": "convert_to_csv",
    "csv file": "dataset",
    "excel": "dataset",
    "url": "import_data",
    "binning": "group_data_into_bins",
    "cluster": "k_means_clustering",
    "python": "execute_python_script",
    "tune": "tune_model_hyperparameters",
    "select": "select_columns_in_dataset",
    "formula": "formula_columns",
    "count": "group_by",
    "mean": "group_by",
    "fill": "clean_missing_data",
    "regex": "text_parts",
    "correlation": "correlation_matrix",
    "tsne": "t_sne",
    "word2vec": "convert_word_to_vector",
    "arima": "arima_forecaster",
    "dendrogram": "show_dendrogram",
    "shuffle": "permutation_feature_importance",
    # Words of KNIME, Orange, Excel, pandas, and scikit-learn.
    "groupby": "group_by",
    "math formula": "formula_columns",
    "row filter": "filter_rows",
    "column filter": "select_columns_in_dataset",
    "csv reader": "dataset",
    "csv writer": "export_data",
    "joiner": "join_data",
    "scorer": "evaluate_model",
    "lookup": "lookup_values",
    "vlookup": "lookup_values",
    "merge": "join_data",
    "train_test_split": "split_data",
    "get_dummies": "convert_to_indicator_values",
    "read_csv": "dataset",
    "to_csv": "convert_to_csv",
    "fillna": "clean_missing_data",
    "pivot_table": "pivot",
    "melt": "unpivot",
    "drop_duplicates": "remove_duplicate_rows",
    "astype": "edit_metadata",
    "describe": "summarize_data",
    "StandardScaler": "normalize_data",
    "OneHotEncoder": "convert_to_indicator_values",
    "xgboost": "two_class_boosted_decision_tree",
    "unstack": "pivot",
    "pivoting": "pivot",
    "rule engine": "formula_columns",
    "feature constructor": "formula_columns",
    "cell splitter": "text_parts",
    "parse date": "edit_metadata",
    "continuize": "convert_to_indicator_values",
    "numeric binner": "group_data_into_bins",
    "test and score": "cross_validate_model",
    "lift": "evaluate_model",
    "cumulative sum": "window_and_rank",
    "running total": "window_and_rank",
    "forward fill": "resample_by_time",
}

SECOND = {
    # What a word means elsewhere comes right behind the module that has it in its title.
    "csv": "dataset",
    "to_csv": "export_data",
    "outliers": "clip_values",
    "math": "formula_columns",
}

ONLY_LITERALLY = [
    # Words that several modules name, and methods that don't exist here.
    "pca",
    "svm",
    "knn",
    "umap",
    "naive bayes",
    "lstm",
    "transpose",
    "image",
    "anomaly",
    "stock",
    "zzzz",
    "x",
]


def found(text: str) -> list[str]:
    return [spec.id for spec in ranked(SPECS, text)]


@pytest.mark.parametrize(("text", "first"), FIRST.items())
def test_the_first_match_is_the_module_that_is_meant(text, first):
    assert found(text)[:1] == [first]


@pytest.mark.parametrize(("text", "second"), SECOND.items())
def test_the_second_match_is_the_other_module_that_can_be_meant(text, second):
    assert found(text)[1] == second


@pytest.mark.parametrize("text", ONLY_LITERALLY)
def test_no_match_is_better_than_a_wrong_one(text):
    wrong = [spec.id for spec in ranked(SPECS, text) if not has_words(spec, text)]
    assert wrong == []


def has_words(spec: ModuleSpec, text: str) -> bool:
    """Return whether a module that came later has the words themselves."""
    own = re.findall(
        r"\w+", " ".join((spec.title, *spec.keywords, spec.category_title, spec.summary))
    )
    typed = re.findall(r"\w+", text)
    return all(any(word.lower().startswith(each.lower()) for word in own) for each in typed)


def test_titles_come_before_keywords_and_these_before_summaries():
    title, keyword, summary = (
        replace(SPECS[0], title=title, keywords=keywords, summary=text)
        for title, keywords, text in (
            ("Split Data", (), ""),
            ("First", ("split",), ""),
            ("Second", (), "Splits a table."),
        )
    )
    assert ranked([summary, keyword, title], "split") == [title, keyword, summary]


def test_of_equal_fits_the_shorter_title_comes_first():
    assert found("train model")[0] == found("train")[0] == "train_model"
    titles = [spec.title for spec in ranked(SPECS, "train") if spec.title.startswith("Train")]
    assert titles == sorted(titles, key=len)


def test_of_equal_fits_the_earlier_keyword_comes_before_the_shorter_title():
    late, early = (
        replace(SPECS[0], title=title, keywords=keywords, summary="")
        for title, keywords in (("Cut", ("limit", "outlier")), ("Isolate", ("outlier", "fraud")))
    )
    assert ranked([late, early], "outlier") == [early, late]


def test_a_whole_keyword_comes_before_the_start_of_a_word_inside_a_title():
    begun, keyword = (
        replace(SPECS[0], title=title, keywords=keywords, summary="")
        for title, keywords in (("Explain Prediction", ()), ("Score a Trained Model", ("predict",)))
    )
    assert ranked([begun, keyword], "predict") == [keyword, begun]


def test_words_in_any_order_and_case():
    assert found("MODEL train")[0] == "train_model"


def test_a_word_that_is_there_is_never_read_as_mistyped():
    assert "remove_duplicate_rows" not in found("rename")


def test_an_empty_text_finds_everything_in_order():
    assert found("") == found("   ") == [spec.id for spec in SPECS]


@pytest.mark.long
@given(st.text(max_size=30))
def test_any_text_is_a_search(text):
    ids = found(text)
    assert len(ids) == len(set(ids))
    assert set(ids) <= {spec.id for spec in SPECS}

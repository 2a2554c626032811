"""What is said of modules that there are not, and of the values that modules take."""

from __future__ import annotations

import json

import pytest

from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Pipeline

NOWHERE = "The palette has all modules; “designer modules” lists them."


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("split_dta", "Did you mean “split_data”?"),
        ("Split_Data", "Did you mean “split_data”?"),
        ("NORMALISE DATA", "Did you mean “normalize_data”?"),
        ("zscore", "Did you mean “normalize_data”?"),
        ("histogr", "Did you mean “group_data_into_bins” or “create_chart”?"),
        ("vs", "Did you mean “one_vs_all_multiclass” or “one_vs_one_multiclass”?"),
        (
            "kmeans",
            "Did you mean “k_means_clustering”, “train_clustering_model”, "
            "or “assign_data_to_clusters”?",
        ),
        ("xyzzyplugh", NOWHERE),
        ("??", NOWHERE),
    ],
)
def test_an_unknown_module_names_the_one_that_is_meant(designer, tmp_path, written, hint):
    result = designer("modules", written)
    assert result.exit_code == 2
    assert result.stderr.endswith(f"Hint: {hint}\n")
    path = tmp_path / "p.pipeline.json"
    write(edits.add_node(Pipeline(), written, node_id="step")[0], path)
    (problem,) = json.loads(designer("validate", path, "--json").stdout)["problems"]
    assert problem["hint"] == hint


def test_names_of_nodes_are_compared_without_case(designer, small):
    result = designer("run", small[1], "--set", "SPLIT_DATA.fraction=0.5")
    assert result.exit_code == 2
    assert "Did you mean “split_data”?" in result.stderr


def test_values_are_written_as_the_file_has_them(designer):
    text = " ".join(designer("modules", "split_data").stdout.split())
    assert "default true; only when mode is “rows”" in text
    assert "only when stratified is true" in text
    assert "“True”" not in text

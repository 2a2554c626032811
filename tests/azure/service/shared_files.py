"""A pipeline with shared modules, as files: one module twice, with another one in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROWS = "a,b,c\n1,2,3\n4,5,6\n7,8,9\n3,2,1\n"

PART: dict[str, Any] = {
    "format": "modeldesk-pipeline",
    "version": 1,
    "description": "Takes a part of the rows.",
    "interface": {
        "title": "Take a Part",
        "inputs": {"dataset": {"title": "Dataset", "to": ["split.dataset"]}},
        "outputs": {"part": {"title": "Part", "from": "split.results_dataset1"}},
        "parameters": {"share": {"title": "Share", "of": "split.fraction"}},
    },
    "nodes": {"split": {"module": "split_data", "version": 1, "parameters": {"fraction": 0.5}}},
}

PREPARE: dict[str, Any] = {
    "format": "modeldesk-pipeline",
    "version": 1,
    "description": "Keeps two columns of a part.",
    "interface": {
        "title": "Prepare",
        "inputs": {"table": {"title": "Table", "to": ["columns.dataset"]}},
        "outputs": {"prepared": {"title": "Prepared", "from": "part.part"}},
        "parameters": {
            "share": {"title": "Share", "of": "part.share"},
            "columns": {"title": "Columns", "of": "columns.columns"},
        },
    },
    "nodes": {
        "columns": {
            "module": "select_columns_in_dataset",
            "version": 1,
            "parameters": {"columns": {"rules": [{"include": "names", "values": ["a", "b"]}]}},
        }
    },
    "groups": {"part": {"module": "take_a_part"}},
    "links": [{"from": "columns.results_dataset", "to": "part.dataset"}],
}

PIPELINE: dict[str, Any] = {
    "format": "modeldesk-pipeline",
    "version": 1,
    "nodes": {
        "data": {"module": "enter_data_manually", "version": 1, "parameters": {"data": ROWS}},
        "both": {"module": "add_rows", "version": 1},
    },
    "groups": {
        "one": {"module": "prepare"},
        "two": {"module": "prepare", "parameters": {"share": 0.75}},
    },
    "links": [
        {"from": "data.dataset", "to": "one.table"},
        {"from": "data.dataset", "to": "two.table"},
        {"from": "one.prepared", "to": "both.dataset1"},
        {"from": "two.prepared", "to": "both.dataset2"},
    ],
}


def write_files(folder: Path, pipeline: dict[str, Any] = PIPELINE) -> Path:
    """Write the pipeline and its modules; return the pipeline's file."""
    modules = folder / "shared.modules"
    modules.mkdir(parents=True)
    for name, document in (("take_a_part", PART), ("prepare", PREPARE)):
        (modules / f"{name}.module.json").write_text(json.dumps(document), "utf-8")
    file = folder / "shared.pipeline.json"
    file.write_text(json.dumps(pipeline), "utf-8")
    return file

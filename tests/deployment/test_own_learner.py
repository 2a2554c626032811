"""A person's own learner: its model is read by the types that it declares, and so it travels."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from designer.catalog import load_catalog
from designer.deployment.deploying import pack
from designer.engine import Engine
from designer.pipeline import edits
from designer.pipeline.file import read, write
from designer.pipeline.model import Endpoint, Pipeline
from designer.workspace import Workspace

SOURCE = '''
from typing import Any

from modules.learning import learner
from modules.learning.trusted import FOREST


@learner("Stump", task="regression", trusted=FOREST)
def stump() -> Any:
    """Predict with one question."""
    from sklearn.tree import DecisionTreeRegressor

    return DecisionTreeRegressor(max_depth=1)
'''

ASK = """\
import json, sys
sys.path.insert(0, ".")
import score
score.init()
print(json.dumps(score.run({"Inputs": {"input1": json.loads(sys.argv[1])}})))
"""


@pytest.mark.long
def test_its_package_scores_where_it_is_not_installed(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace")
    (workspace.folder / "modules").mkdir(parents=True)
    (workspace.folder / "modules" / "stump.py").write_text(SOURCE, "utf-8")
    frame = pd.DataFrame({"age": range(40), "price": [1.0] * 20 + [3.0] * 20})
    frame.to_csv(tmp_path / "ages.csv", index=False)
    pipeline = Pipeline()
    for node, module, links, parameters in (
        ("data", "dataset", "", {"path": "ages.csv"}),
        ("learner", "stump", "", {}),
        (
            "train",
            "train_model",
            "untrained_model=learner.untrained_model dataset=data.dataset",
            {"label_column": ["price"]},
        ),
        ("score", "score_model", "trained_model=train.trained_model dataset=data.dataset", {}),
    ):
        pipeline, _ = edits.add_node(pipeline, module, node_id=node, parameters=parameters)
        for link in links.split():
            port, _, source = link.partition("=")
            pipeline = edits.connect(pipeline, Endpoint(*source.split(".")), Endpoint(node, port))
    file = tmp_path / "ages.pipeline.json"
    write(pipeline, file)
    with Engine(workspace, load_catalog(*workspace.own_modules), workers=1) as engine:
        assert engine.run(read(file), base=file.parent, source=file).status == "completed"

    packed = pack(workspace, file, tmp_path / "package", "ages")
    there = tmp_path / "elsewhere"
    shutil.move(packed.package.folder, there)
    shutil.rmtree(workspace.folder / "modules")
    rows = [{"age": age} for age in (0, 19, 20, 39)]
    done = subprocess.run(
        [sys.executable, "-I", "-c", ASK, json.dumps(rows)],
        cwd=there,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)["Results"]["output1"]
    np.testing.assert_array_equal([row["Scored Labels"] for row in answer], [1, 1, 3, 3])
    # A stranger who is sent it has to agree to its author's code.
    assert packed.package.allowed == {"code"}

"""A pipeline with a shared module is deployed, and answers as its steps do without one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from serving_examples import Trained, azure_request, same_scores

from designer.catalog import load_catalog
from designer.deployment import Endpoints
from designer.deployment.deploying import deploy
from designer.deployment.target import DeployResult
from designer.engine import Engine
from designer.pipeline.file import read, write
from designer.pipeline.grouping import group
from designer.pipeline.model import Interface
from designer.pipeline.shared import choices, making
from designer.workspace import Workspace

INSIDE = ("indicators", "normalize", "train", "indicators_again", "normalize_again", "score")


@pytest.fixture
def shared(trained: Trained, tmp_path: Path) -> Iterator[tuple[DeployResult, Path]]:
    """Deploy the trained pipeline with all but its data and learner in a shared module."""
    folder = tmp_path
    shutil.copy(trained.data, folder / trained.data.name)
    grouped, name = group(read(trained.file), INSIDE, "Train and Score")
    found = choices.choices_of_group(grouped, name, load_catalog())
    interface = Interface(
        "Train and Score",
        tuple(each.item for each in found.inputs if each.chosen),
        tuple(each.item for each in found.outputs if each.item.ends[0].node == "score"),
    )
    module = making.module_of_group(grouped, name, interface)
    file = folder / "shared.pipeline.json"
    write(making.turn_into_module(grouped, name, "train_and_score", module), file)
    assert (folder / "shared.modules" / "train_and_score.module.json").is_file()
    workspace = Workspace(folder / "workspace")
    with Engine(workspace, load_catalog(), workers=1) as engine:
        result = engine.run(read(file), base=folder, source=file)
    assert result.status == "completed"
    made = deploy(workspace, file, "shared", register=False)
    yield made, file
    Endpoints(workspace).stop("shared")


@pytest.mark.long
def test_the_endpoint_answers_as_the_steps_score_directly(
    shared: tuple[DeployResult, Path], trained: Trained
) -> None:
    deployed, file = shared
    headers = {"Authorization": f"Bearer {deployed.key}"}
    with httpx.Client(headers=headers, trust_env=False, timeout=60) as client:
        answer = client.post(deployed.url, json=azure_request(*trained.rows))
        single = client.post(deployed.url, json=azure_request(trained.rows[0]))
        assert answer.status_code == 200, answer.text
        assert same_scores(answer.json()["Results"]["output1"], trained.expected)
        assert same_scores(single.json()["Results"]["output1"], trained.expected[:1])
        # It needs no file of the module: what was deployed stays as it was.
        shutil.rmtree(file.parent / "shared.modules")
        endpoints = Endpoints(file.parent / "workspace")
        endpoints.stop("shared")
        again = client.post(endpoints.start("shared").url, json=azure_request(*trained.rows[:3]))
        assert same_scores(again.json()["Results"]["output1"], trained.expected[:3])

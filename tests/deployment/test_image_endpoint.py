"""A pipeline of images, deployed on this computer, classifies the pictures of a request."""

from __future__ import annotations

import base64
import zipfile
from pathlib import Path

import httpx
import pytest

from designer import paths
from designer.catalog import load_catalog
from designer.deployment import Endpoints
from designer.deployment.deploying import deploy
from designer.engine import Engine
from designer.pipeline import file
from designer.pipeline.parameters import set_parameter
from designer.workspace import Workspace

pytest.importorskip("torch", reason="PyTorch isn't installed")


@pytest.mark.long
def test_pictures_are_sent_as_base64(tmp_path: Path) -> None:
    sample = paths.samples() / f"digit_pictures{file.SUFFIX}"
    pictures = paths.samples() / "data" / "digit_pictures.zip"
    pipeline = file.read(sample)
    pipeline = set_parameter(pipeline, "pictures", "path", str(pictures))
    pipeline = set_parameter(pipeline, "train_network", "epochs", 3)
    workspace = Workspace(tmp_path / "workspace")
    target = tmp_path / sample.name
    target.write_text(file.dumps(pipeline), "utf-8")
    with Engine(workspace, load_catalog(), workers=2, cores=2) as engine:
        result = engine.run(pipeline, base=tmp_path, source=target)
        assert result.status == "completed", result.nodes
    made = deploy(workspace, target, "digits", register=False)
    try:
        with zipfile.ZipFile(pictures) as archive:
            names = [name for name in archive.namelist() if name.endswith("/07.png")]
            rows = [{"image": base64.b64encode(archive.read(name)).decode()} for name in names]
        headers = {"Authorization": f"Bearer {made.key}"}
        with httpx.Client(headers=headers, trust_env=False, timeout=120) as client:
            body = {"Inputs": {"WebServiceInput0": rows}, "GlobalParameters": {}}
            answer = client.post(made.url, json=body)
            assert answer.status_code == 200, answer.text
            found = answer.json()["Results"]["WebServiceOutput0"]
            assert len(found) == 10
            assert {"Scored Labels", *(f"Scored Probabilities_{n}" for n in range(10))} <= set(
                found[0]
            )
            wrong = client.post(made.url, json={"Inputs": {"input1": [{"image": "not one"}]}})
            assert wrong.status_code == 422, wrong.text
            assert "isn't an image file as base64" in wrong.json()["error"]["message"]
    finally:
        Endpoints(workspace).delete("digits")

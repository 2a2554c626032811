"""An endpoint that records its requests, from the deployment to the files."""

from __future__ import annotations

import httpx
import pyarrow.parquet as pq
import pytest
from serving_examples import Trained, azure_request

from designer.deployment import Endpoints
from designer.deployment.deploying import deploy
from designer.deployment.problem import ServingError


def test_what_is_asked_is_recorded_with_the_scores_and_without_left_out_columns(
    trained: Trained,
) -> None:
    made = deploy(
        trained.workspace,
        trained.file,
        "recorded",
        options={"record": 1.0, "keep_days": 7, "leave_out": "town , nothing"},
        register=False,
    )
    endpoints = Endpoints(trained.workspace)
    try:
        header = {"Authorization": f"Bearer {made.key}"}
        rows = trained.rows[:5]
        response = httpx.post(made.url, json=azure_request(*rows), headers=header)
        assert response.status_code == 200
        labels = [each["Scored Labels"] for each in trained.expected[:5]]
    finally:
        endpoints.stop("recorded")
    files = sorted((endpoints.folder("recorded") / "records").rglob("*.parquet"))
    found = [row for file in files for row in pq.read_table(file).to_pylist()]
    # The deployment's own test request came first.
    assert [row["age"] for row in found[-5:]] == [row["age"] for row in rows]
    assert [row["Scored Labels"] for row in found[-5:]] == labels
    assert all("town" not in row for row in found)
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)


def test_a_share_beyond_the_limits_is_rejected(trained: Trained) -> None:
    with pytest.raises(ServingError, match="requests to record must be a number from 0 to 1"):
        deploy(trained.workspace, trained.file, "recorded2", options={"record": 2}, register=False)

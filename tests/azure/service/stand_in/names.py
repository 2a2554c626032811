"""What the one workspace and its surroundings are called, and the clock."""

from __future__ import annotations

import datetime
import os

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
TENANT = "22222222-2222-2222-2222-222222222222"
GROUP = "desk-group"
WORKSPACE = "desk"
WORKSPACE_ID = "33333333-3333-3333-3333-333333333333"
LOCATION = "westeurope"
API = f"https://{LOCATION}.api.azureml.ms"
ACCOUNT = "deskstorage"
CONTAINER = "azureml-blobstore"
SCOPE = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}"
    f"/providers/Microsoft.MachineLearningServices/workspaces/{WORKSPACE}"
)


def now() -> str:
    """Return the time as the services write it."""
    return datetime.datetime.now(datetime.UTC).isoformat().replace("+00:00", "Z")


def clean_environment() -> dict[str, str]:
    """Return what a cluster's machine would have in its environment: nothing of the person's."""
    return {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP") if name in os.environ}

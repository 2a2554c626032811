"""The private names of azure-ai-ml that are used; a test checks these names."""

from __future__ import annotations


def workspace_scope(cloud: str) -> str:
    """Return the scope of a token for the services of a workspace, the run history for example."""
    from azure.ai.ml._azure_environments import _get_aml_resource_id_from_metadata

    return f"{_get_aml_resource_id_from_metadata(cloud)}/.default"

"""Azure ML's SDK v1: azureml-core and azureml-pipeline-core."""

from designer.azure.sdk_v1.building import build, build_offline, upload
from designer.azure.sdk_v1.graph import graph_document

__all__ = ["build", "build_offline", "graph_document", "upload"]

"""Azure ML's SDK v2: azure-ai-ml. Writing the files needs no SDK; building a job does."""

from designer.azure.sdk_v2.files import write_files

__all__ = ["build", "write_files"]


def __getattr__(name: str) -> object:
    if name == "build":
        from designer.azure.sdk_v2.building import build

        return build
    raise AttributeError(name)

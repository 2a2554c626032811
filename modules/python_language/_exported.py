"""How a script of the user runs in code without this project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modules.contract.normalize_frame import normalize_frame

if TYPE_CHECKING:
    import pandas as pd


def call_script(
    script: str, dataframe1: pd.DataFrame | None = None, dataframe2: pd.DataFrame | None = None
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Call a script's ``azureml_main`` with copies; return its frames, None for a missing one."""
    namespace: dict[str, Any] = {"__name__": "script"}
    exec(compile(script, "<script>", "exec"), namespace)
    copies = [None if frame is None else frame.copy() for frame in (dataframe1, dataframe2)]
    returned = namespace["azureml_main"](*copies)
    frames = list(returned) if isinstance(returned, (tuple, list)) else [returned]
    first, second = (
        None if frame is None else normalize_frame(frame) for frame in (*frames, None, None)[:2]
    )
    return first, second

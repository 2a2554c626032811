"""A share of the rows of a part."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def thinned(
    frame: pd.DataFrame, label: str, share: float, seed: int, *, stratified: bool
) -> pd.DataFrame:
    """Return a share of the rows, in their order; smaller shares are parts of larger ones.

    Parameters
    ----------
    stratified : bool
        Every class has that share.
    """
    import numpy as np
    import pandas as pd

    order = np.random.default_rng(seed).permutation(len(frame))
    if stratified:
        codes = pd.Series(pd.factorize(frame[label])[0][order])
        groups = codes.groupby(codes)
        inside = (groups.cumcount() + 0.5) / groups.transform("size")
        order = order[np.argsort(inside.to_numpy(), kind="stable")]
    kept = np.sort(order[: math.ceil(share * len(frame))])
    return frame.iloc[kept]

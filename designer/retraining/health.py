"""Whether a challenger that answers requests does as well as it did on the held rows.

Errors: in stages, requests that it failed and the champion didn't; once it is deployed, all that
failed or whose rows couldn't be scored, beyond the champion's share of them.

Drift: the population stability index of Detect Drift, of what the endpoint records against the
held rows and the challenger's scores of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designer.deployment import Endpoints
from designer.deployment.challengers import RECORDS as CHALLENGER_RECORDS
from designer.deployment.local_target import RECORDS
from designer.deployment.problem import ServingError
from designer.pipeline.own_modules import DETECT_DRIFT
from designer.retraining.loop import Loop, Loops, Round
from designer.retraining.staging import challenger_of, log_of, request_counts

if TYPE_CHECKING:
    import pandas as pd

LEAST_REQUESTS = 20
"""Requests below which errors decide nothing."""

LEAST_RECORDED = 200
"""Recorded rows below which drift decides nothing."""

MOST_RECORDED = 50_000
"""Recorded rows that are compared, the newest ones."""

BINS = 10
"""Bins of numbers, as Detect Drift has them."""

CHANCE = 0.001
"""Probability that a column without drift counts as drifted."""


def errors(loops: Loops, loop: Loop, round: Round) -> str:
    """Return why a challenger fails too often; empty if it doesn't. It is quick.

    The numbers are written into the round.
    """
    name = loop.endpoint
    if round.state == "staged":
        process = challenger_of(round)
        if process is None or not process.is_alive():
            return f"The challenger's process ended; see “{log_of(loops, name, round)}”."
    try:
        metrics = Endpoints(loops.workspace).metrics(name)
    except ServingError as error:
        if round.state == "deployed" and loops.records.read(name).get("wanted"):
            return error.message
        return ""
    limit = loop.most_errors
    if round.state == "staged":
        counted = metrics.get("challenger") or {}
        requests, failures = counted.get("requests", 0), counted.get("failures", 0)
    else:
        requests, failures = request_counts(metrics)
        # What clients do wrong, they did wrong before.
        limit += round.champion_errors
    round.health |= {"requests": requests, "failures": failures}
    if requests < LEAST_REQUESTS or failures <= limit * requests:
        return ""
    return f"{failures:,} of {requests:,} requests failed, more than {limit:.1%}."


def drift(loops: Loops, loop: Loop, round: Round) -> str:
    """Return which columns drifted too far; empty if there are none, or too few rows.

    Scores count each, and inputs if at least half of them drifted. The indexes are written into
    the round.

    Notes
    -----
    Without drift, the index of a column with ``b`` bins is about ``(1/n + 1/m)`` times a
    chi-squared variable with ``b - 1`` degrees of freedom (Yurdakul, Statistical Properties of
    Population Stability Index, 2018). Below its quantile, an index is chance whatever the limit.
    """
    from designer.catalog import load_catalog
    from modules.contract import DataTable

    current = _recorded(loops, loop.endpoint, round)
    if current is None or len(current) < LEAST_RECORDED:
        return ""
    reference, scores = _reference(loops.round_folder(loop.endpoint, round.number))
    names = [each for each in reference.columns if each in current]
    if not names:
        return ""
    table, _ = load_catalog()[DETECT_DRIFT](
        DataTable(reference[names]), DataTable(current[names]), bins=BINS
    )
    titles = table.frame["Column"], table.frame["Population stability index"]
    index = {name: float(value) for name, value in zip(*titles, strict=True) if value == value}
    round.health["drift"] = {name: _digits(value) for name, value in index.items()}
    round.health["recorded"] = len(current)
    drifted = [
        name
        for name, value in index.items()
        if value > max(loop.most_drift, _by_chance(reference[name], len(current)))
    ]
    inputs = [name for name in index if name not in scores]
    of_scores = [name for name in drifted if name in scores]
    of_inputs = [name for name in drifted if name not in scores]
    if inputs and 2 * len(of_inputs) >= len(inputs) and of_inputs:
        return _sentence("The inputs", of_inputs, index, loop)
    return _sentence("The scores", of_scores, index, loop) if of_scores else ""


def _digits(value: float) -> float:
    return float(f"{value:.4g}")


def _sentence(what: str, names: Sequence[str], index: Mapping[str, float], loop: Loop) -> str:
    listed = ", ".join(f"“{name}” ({index[name]:.3g})" for name in names[:5])
    return f"{what} drifted beyond {loop.most_drift:g}: {listed}."


def _by_chance(reference: pd.Series[Any], current: int) -> float:
    from scipy.stats import chi2

    bins = min(BINS, max(2, int(reference.nunique())))
    return float((1 / len(reference) + 1 / current) * chi2.ppf(1 - CHANCE, bins - 1))


def _reference(folder: Path) -> tuple[pd.DataFrame, list[str]]:
    """Return held rows with the challenger's scores, and the names of the scores."""
    import pandas as pd

    from designer.retraining.evaluation import REFERENCE
    from designer.retraining.held_rows import HELD

    held, scored = (pd.read_parquet(folder / file) for file in (HELD, REFERENCE))
    scores = [name for name in scored.columns if name not in held.columns]
    return pd.concat([held, scored[scores]], axis=1), scores


def _recorded(loops: Loops, name: str, round: Round) -> pd.DataFrame | None:
    """Return what was recorded of the challenger's requests; None for nothing."""
    import pandas as pd

    found, rows = [], 0
    for file in recorded_files(loops, name, round):
        part = pd.read_parquet(file)
        found.append(part)
        rows += len(part)
        if rows >= MOST_RECORDED:
            break
    return pd.concat(found, ignore_index=True) if found else None


def recorded_files(loops: Loops, name: str, round: Round) -> list[Path]:
    """Return the files with the requests that the challenger answered, the newest first."""
    is_staged = round.state == "staged"
    folder = loops.records.folder(name) / (CHALLENGER_RECORDS if is_staged else RECORDS)
    version = round.number if is_staged else round.version
    return sorted(folder.glob(f"*/*-v{version}-*.parquet"), reverse=True)

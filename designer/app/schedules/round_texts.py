"""A round of retraining as the texts of a line, and the groups that it compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from designer.app.schedules.schedule_list import moment
from designer.composed_texts import in_language
from designer.retraining.loop import LABELS, Loop, Round
from designer.texts import filled, formatted, tr


def cells_of(round: Round) -> list[str]:
    """Return number, status, data, the metric of both models, the p-value, and the start."""
    data, numbers = round.data, round.comparison
    figures = [
        formatted(numbers[name], ".4g") if name in numbers else ""
        for name in ("champion", "challenger", "p_better")
    ]
    dataset = ""
    if data:
        dataset = tr("{name} version {version}").format(name=data["name"], version=data["version"])
    return [
        str(round.number),
        in_language(LABELS[round.state]),
        dataset,
        *figures,
        moment(round.started),
    ]


def group_line(loop: Loop, group: Mapping[str, Any]) -> str:
    """Return the metric of both models on a group of the held rows."""
    return filled(
        tr(
            "{column} “{value}”: challenger {challenger:.4g}, champion {champion:.4g} "
            "on {rows:,} rows"
        ),
        column=loop.group,
        value=group["group"],
        challenger=group["challenger"],
        champion=group["champion"],
        rows=group["rows"],
    )

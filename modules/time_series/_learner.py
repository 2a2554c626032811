"""Parameters that forecasters share."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

Season = Annotated[int | None, Field(ge=1, le=10_000, title="Periods of a season")]

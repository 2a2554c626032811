from __future__ import annotations

from stand_in.fixtures import peers, service

__all__ = ["peers", "service"]

from __future__ import annotations

from stand_in.fixtures import cluster, peers, service

__all__ = ["cluster", "peers", "service"]

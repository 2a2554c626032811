"""Jobs of the newer SDK."""

from __future__ import annotations

from stand_in.routing import Router

route = Router()

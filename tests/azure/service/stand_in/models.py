"""Models: registering them with the older SDK, and single training scripts."""

from __future__ import annotations

from stand_in.routing import Router

route = Router()

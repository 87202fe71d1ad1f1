"""Records of changes."""

from __future__ import annotations

from api.record_routes import record_routes

routes = record_routes("change")

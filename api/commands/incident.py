"""`surveymark incident`: incident records."""

from __future__ import annotations

from typing import Any

from api.record_commands import add_group


def add(groups: Any) -> None:
    add_group(groups, "incident")

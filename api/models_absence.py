"""Shapes of the API's documents about what is gone or long unseen."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from api.models import Model, Strict


class ReasonWanted(Strict):
    reason: str = Field(min_length=1, max_length=1000, description="Why; history keeps it.")


class Existence(Model):
    id: str
    revision: int
    state: Literal["current", "retired"]
    items: int = Field(description="Configuration items that went or came with it, itself included.")
    relations: int


class FreshnessWanted(Strict):
    dry_run: bool = Field(False, description="Say what would change, and change nothing.")


class Freshness(Model):
    at: str
    dry_run: bool
    subjects: int = Field(description="How many were looked at.")
    stale: int = Field(description="Items that became stale.")
    current: int = Field(description="Items that are stale no more.")
    changed: int = Field(description="Items whose values another source now says.")
    flows: int = Field(description="References to what was not sighted for long, which ended.")
    revisions: list[int]

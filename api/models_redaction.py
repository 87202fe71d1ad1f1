"""Shapes of the API's documents about redaction."""

from __future__ import annotations

from pydantic import Field

from api.models import Model, Strict


class RedactionWanted(Strict):
    ci: str = Field(min_length=1, max_length=100)
    attribute: str = Field(min_length=1, max_length=100)
    reason: str = Field(min_length=1, max_length=1000, description="Why; history keeps it. Not the value itself.")


class RedactionDone(Model):
    ci: str
    attribute: str
    revision: int
    states: int = Field(description="States that were written anew without the value.")
    relations: int = Field(description="States of relations of the same machine that were.")
    conflicts: int = Field(description="States of conflicts about it that were.")
    receipts: int = Field(description="Receipts of its batches that were.")
    documents: int = Field(description="Documents that were.")
    readings: int = Field(description="Readings of it that told the value and are gone.")
    reasons: int = Field(description="Sections that told it in why they were not collected, and do not any more.")
    targets: int = Field(description="Targets of sweeps of it whose end told it, and does not any more.")
    raw: int = Field(description="Raw batches that told the value and were dropped.")
    scrubbed: bool = Field(description="False where a reader kept the store's files from being cleaned: ask again.")


class Lifted(Model):
    ci: str
    attribute: str
    revision: int

"""Shapes of the API's documents about sweeps."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from api.models import List, Model, Strict

SweepState = Literal["running", "done", "interrupted", "lost"]


class SweepPath(Strict):
    id: str = Field(pattern="^[0-9a-f]{16,32}$", description="Id of a sweep, which its collector chose.")


class SweepsParameters(Strict):
    cursor: str | None = Field(None, max_length=20, description="`next` of the page before, as it is.")
    limit: int = Field(100, ge=1, le=1000, description="Sweeps on a page.")


class SweepParameters(Strict):
    outcome: list[str] = Field([], max_length=40, description="Outcomes that are wanted; `waiting` for none yet.")
    cursor: str | None = Field(None, max_length=20, description="`next` of the page before, as it is.")
    limit: int = Field(100, ge=1, le=1000, description="Targets on a page.")
    plan: bool = Field(False, description="With how each target is reached; for collectors, to go on with a sweep.")


class SweepWanted(Strict):
    source: str = Field(min_length=1, max_length=200, description="Whose sweep it is; the same as in its batches.")
    state: Literal["running", "done", "interrupted"]
    total: int = Field(ge=0, le=1_048_576, description="How many targets it has.")
    words: list[str] = Field([], max_length=200, description="What it was asked to look at, without secrets.")
    zone: str = Field("default", max_length=128, description="Routing domain of the addresses.")


class OutcomeWanted(Model):
    outcome: str = Field(pattern="^[a-z][a-z0-9_]{0,39}$")
    phase: str = Field("", max_length=1000)
    reason: str = Field("", max_length=16_000)
    remedy: str = Field("", max_length=16_000)
    ci: str | None = Field(None, max_length=64)
    seconds: float = Field(0.0, ge=0, le=1e9, allow_inf_nan=False)
    ssh_version: str = Field("", max_length=1000)
    host_key: str = Field("", max_length=1000)
    weak: list[str] = Field([], max_length=100)
    sections_failed: list[str] = Field([], max_length=1000)
    items: int = Field(0, ge=0, le=2**53 - 1)
    conflicts: int = Field(0, ge=0, le=2**53 - 1, description="Conflicts that the store sees it in.")


class TargetWanted(Strict):
    number: int = Field(ge=1, le=1_048_576, description="Place in the plan, from 1.")
    plan: dict[str, Any] | None = Field(None, description="How it is reached; once for each target.")
    result: OutcomeWanted | None = Field(None, description="How it ended.")


class TargetsWanted(Strict):
    targets: list[TargetWanted] = Field(max_length=1000)


class SweptTarget(Model):
    number: int
    target: str
    address: str
    port: int
    zone: str
    protocol: str = Field(description="How it is asked: `ssh`, `snmp`.")
    outcome: str = Field(description="`waiting`, or one of an open set of words.")
    phase: str
    reason: str
    remedy: str
    ci: str | None
    seconds: float
    ssh_version: str
    host_key: str
    weak: list[str]
    sections_failed: list[str]
    items: int
    conflicts: int = Field(description="Conflicts that the store saw it in; `GET /conflicts` has what is open.")


class SweepEvent(Model):
    kind: Literal["host_key_changed"]
    number: int
    target: str
    address: str
    reason: str
    remedy: str


class SweepSummary(Model):
    sweep: str
    state: SweepState
    source: str
    actor: str
    zone: str
    words: list[str]
    started_at: str
    updated_at: str
    ended_at: str | None
    total: int
    counts: dict[str, int]
    waiting: int


class Sweep(SweepSummary):
    targets: list[SweptTarget]
    events: list[SweepEvent]
    next: str | None


class Sweeps(List):
    items: list[SweepSummary]

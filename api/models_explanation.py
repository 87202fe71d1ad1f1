"""Shapes of the explanation of a CI in the API."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from api.models import Model


class ExplainedIdentifier(Model):
    identifier: str
    weak: bool = Field(description="It proposes, and never matches by itself.")
    shared: dict[str, Any] | None = Field(description="Several have it, so it identifies nobody: `cis`.")


class ExplainedMatch(Model):
    source: str
    route: str
    seen_at: str
    how: str
    matched_by: str | None
    tried: list[str] = Field(description="What was looked up when its marks last changed, strongest first.")
    identifiers: list[ExplainedIdentifier] = Field(description="What the source's marks amount to, strongest first.")


class ExplainedClaim(Model):
    source: str
    section: str
    route: str
    rank: int | None = Field(description="Of the route for this group of attributes, 0 the strongest.")
    privilege: str
    silent: bool = Field(description="It has not looked for longer than the limit, and blocks nobody.")
    observed_at: str
    value: Any
    wins: bool


class ExplainedAttribute(Model):
    attribute: str
    value: Any
    group: str
    why: str
    claims: list[ExplainedClaim] = Field(description="In the order in which they count.")


class Explanation(Model):
    ci: dict[str, Any]
    known_as: str
    identity: list[ExplainedMatch]
    conflicts: list[dict[str, Any]] = Field(description="Open conflicts that name it.")
    attributes: list[ExplainedAttribute]
    revision: int
    as_of: str | None

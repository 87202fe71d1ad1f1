"""Shapes of conflicts in the API."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from api.models import List, Model, PageParameters, Strict


class ConflictsParameters(PageParameters):
    all: bool = Field(False, description="Those that are resolved too.")


class ConflictPath(Strict):
    number: str = Field(max_length=20, description="Number of a conflict.")


class ConflictRow(Model):
    number: int
    state: Literal["open", "resolved"]
    kind: str
    cis: list[dict[str, Any]]
    identifiers: list[str]
    source: str
    reason: str
    since: int
    resolution: dict[str, Any] | None


class ListedConflict(ConflictRow):
    ways: list[str] = Field(description="Names of its proposals.")


class Conflicts(List):
    items: list[ListedConflict]


class Proposal(Model):
    name: str = Field(description="What `as` of the resolution takes; `ID` in it stands for the id of a CI.")
    text: str


class Conflict(ConflictRow):
    proposals: list[Proposal]


class ResolutionWanted(Strict):
    as_: Annotated[str, Field(alias="as", max_length=80, description="Name of a proposal.")]
    reason: str = Field(min_length=1, max_length=2000)


class MergeWanted(Strict):
    other: str = Field(max_length=64, description="Id of the CI that becomes part of this one.")
    reason: str = Field(min_length=1, max_length=2000)


class Merged(Model):
    ci: str
    merged: str
    revision: int


class SplitWanted(Strict):
    reason: str = Field(min_length=1, max_length=2000)
    sources: list[str] = Field(
        [], max_length=100, description="Whose reports become a CI of their own; none: undo a merge."
    )


class Split(Model):
    ci: str
    split: str = Field(description="The id that is a CI again, or new.")
    revision: int

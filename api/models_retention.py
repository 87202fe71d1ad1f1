"""Shapes of the API's documents about retention and legal holds."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.models import List, Model, Strict

Reason = Annotated[str, Field(min_length=1, max_length=1000, description="Why; history keeps it.")]


class Age(Model):
    class_name: str | None = Field(alias="class", description="Null for all classes without an age of their own.")
    days: int
    since: int = Field(description="Revision that set it.")


class Horizon(Model):
    class_name: str | None = Field(alias="class")
    revision: int = Field(description="States that ended by it are freed.")
    at: str


class Retention(Model):
    ages: list[Age]
    horizons: list[Horizon]


class AgeWanted(Strict):
    days: int | None = Field(ge=1, le=36_500, description="Null takes the age back.")
    class_name: str | None = Field(None, alias="class", max_length=100)
    reason: Reason


class RunWanted(Strict):
    dry_run: bool = Field(False, description="Say what would be freed, and free nothing.")


class Freed(Model):
    states: int = Field(description="Past states of items that were freed of their values.")
    links: int = Field(description="Past states of relations.")
    bytes: int = Field(description="Size of the values.")
    held: int = Field(description="Past states that a hold keeps.")
    horizons: dict[str, int] = Field(description='The revision by class, "*" for all others.')
    dry_run: bool


class HoldWanted(Strict):
    name: str = Field(min_length=1, max_length=100)
    scope: str = Field(max_length=4000, description="A query; empty for everything.")
    reason: Reason


class Hold(Model):
    name: str
    scope: str
    reason: str
    by: str
    since: int


class Holds(List):
    items: list[Hold]


class HoldPath(Strict):
    name: str = Field(max_length=100)


class ReleaseWanted(Strict):
    reason: Reason


class Released(Model):
    name: str
    released: int = Field(description="Revision that released it.")

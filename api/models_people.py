"""Shapes of the API's documents about what people say: edits, own attributes, tags, imports."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from api.models import List, Model, Strict, Value

Written = Value
"""As people write it: a number or truth value may come as text, a list as text with commas."""


class EditWanted(Strict):
    q: str = Field(min_length=1, max_length=4096, description="Which configuration items, in the query language.")
    set: dict[str, Written] = Field({}, max_length=100, description="Values by attribute.")
    unset: list[str] = Field([], max_length=100, description="Attributes that are no longer said.")
    tag: list[str] = Field([], max_length=100, description="Tags to put on.")
    untag: list[str] = Field([], max_length=100, description="Tags to take off.")
    reason: str = Field(min_length=1, max_length=1000, description="Why; history keeps it.")
    dry_run: bool = Field(False, description="Show what would change, and change nothing.")
    expect: str | None = Field(None, max_length=64, description="`digest` of the dry run that this has to do exactly.")


class Changed(Model):
    attribute: str
    before: Value | None
    after: Value | None


class EditedCI(Model):
    id: str
    class_: Annotated[str, Field(alias="class")]
    name: str
    changes: list[Changed]


class Edited(Model):
    query: str
    dry_run: bool
    revision: int | None
    matched: int
    changed: int
    unchanged: int
    digest: str
    items: list[EditedCI]
    left_out: int


Type = Literal["string", "integer", "boolean", "list"]


class AttributeWanted(Strict):
    class_: str = Field(alias="class", min_length=1, max_length=64, description="Class of configuration items.")
    name: str = Field(min_length=1, max_length=64, description="Small letters, digits and _: cost_center.")
    type: Type
    text: str = Field("", max_length=500, description="What it means, in a sentence.")
    reason: str = Field(min_length=1, max_length=1000, description="Why; history keeps it.")


class AttributePath(Strict):
    class_name: str = Field(max_length=64, description="Class of configuration items.")
    name: str = Field(max_length=64, description="Name of an own attribute.")


class ReasonWanted(Strict):
    reason: str = Field(min_length=1, max_length=1000, description="Why; history keeps it.")


class OwnAttribute(Model):
    class_: Annotated[str, Field(alias="class")]
    name: str
    type: Type
    text: str
    since: int


class OwnAttributes(List):
    items: list[OwnAttribute]


class RemovedAttribute(OwnAttribute):
    values: int = Field(description="How many items had a value.")


class Tag(Model):
    tag: str
    count: int


class Tags(List):
    items: list[Tag]


class ImportParameters(Strict):
    format: Literal["csv", "json", "yaml"] = Field(description="What the body is.")
    source: str = Field(min_length=1, max_length=200, description="Whose words these are; the same for each new file.")
    class_: str = Field("", alias="class", max_length=64, description="Class of rows that name none.")
    map: list[str] = Field(
        [], max_length=200, description="COLUMN=NAME: an attribute's other name; empty leaves it out."
    )
    match: list[str] = Field([], max_length=10, description="Attributes that find the one item that a row is about.")
    partly: bool = Field(False, description="Land the rows that can be, though others can not.")
    complete: bool = Field(False, description="The file is all that its source says; what is not in it is over.")
    dry_run: bool = Field(False, description="Show what would change, and change nothing.")
    expect: str | None = Field(None, max_length=64, description="`digest` of the dry run that this has to do exactly.")


class ImportedRow(Model):
    place: str
    ci: str | None
    class_: Annotated[str | None, Field(alias="class")]
    name: str | None
    outcome: Literal["created", "updated", "retired", "refused"]
    changes: list[Changed]
    reason: str


class Imported(Model):
    source: str
    dry_run: bool
    landed: bool
    revision: int | None
    rows: int
    created: int
    updated: int
    unchanged: int
    retired: int
    refused: int
    digest: str
    items: list[ImportedRow]
    left_out: int

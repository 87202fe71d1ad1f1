"""Shapes of the API's documents about links that are derived."""

from __future__ import annotations

from pydantic import Field

from api.models import Model, Strict


class LinksWanted(Strict):
    dry_run: bool = Field(False, description="Say what would change, and change nothing.")


class LinkProofs(Model):
    confirmed: int = Field(description="Links of which both ends told.")
    one_sided: int = Field(alias="one-sided", description="Links of which one end told.")
    inferred: int = Field(description="Links that a forwarding table gave away.")


class Unplaced(Model):
    ci: str
    name: str = Field(description="The host or device that heard it.")
    port: str
    why: str = Field(description="Why no link could be made of it.")


class Links(Model):
    at: str
    dry_run: bool
    links: LinkProofs = Field(description="How many there are now.")
    created: int
    updated: int = Field(description="Of a dry run: hosts and devices of which links would change.")
    retired: int
    refused: int = Field(
        description="Hosts and devices that changed under the run; their links come with the next one."
    )
    revisions: list[int]
    unplaced: list[Unplaced] = Field(description="Words of neighbours that led to no link, the first 1,000.")
    unplaced_count: int

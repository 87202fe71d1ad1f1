"""Shapes of the physical map's document."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from api.models import AtParameter, Model


class TopologyParameters(AtParameter):
    model_config = ConfigDict(populate_by_name=True)

    ci: list[str] = Field(
        default_factory=list, max_length=1000, description="Ids from which on; all of it without any."
    )
    q: list[str] = Field(default_factory=list, max_length=20, description="Queries for CIs from which on.")
    depth: int | None = Field(None, ge=0, le=1000, description="How many links far from these; without it to the end.")
    class_: list[Literal["Host", "NetworkDevice"]] = Field(
        default_factory=list,
        max_length=2,
        alias="class",
        description="Only nodes of these classes, and what is asked about.",
    )
    most: int = Field(5000, ge=10, le=100_000, description="Boxes above which like nodes become one.")


class TopologyNode(Model):
    id: str = Field(description='Of the CI; of a box of like nodes "~" and the id of its first.')
    class_: Annotated[str | None, Field(alias="class", description="None of a box of several classes.")]
    name: str = Field(description="Of a box how many of what it stands for.")
    role: str | None = Field(
        description="host, bridge, router, firewall, wlan, printer, ups, power; null where nobody tells."
    )
    discovered: bool | None = Field(
        description="False of a device that only its neighbours tell of; null of a mixed box."
    )
    group: str | None = Field(description="Id of its group.")
    linked: bool = Field(description="False where no link of it is known at all.")
    count: int = Field(description="How many nodes it stands for.")
    links_within: int | None = Field(None, description="Of a box: links between the nodes that it stands for.")


class TopologyEnd(Model):
    id: str
    port: str | None = Field(description="Name of the port; null where it is unknown, or of a box.")
    port_id: str | None


class TopologyLink(Model):
    a: TopologyEnd
    b: TopologyEnd
    type: Literal["CONNECTS_TO", "LINKED_VIA"]
    proof: str | None = Field(description="confirmed at both ends, one-sided, inferred; of several the weakest.")
    evidence: str | None
    note: str | None = Field(description='"shared segment" of a link that is no cable of these two alone.')
    count: int = Field(description="How many links it stands for.")
    proofs: dict[str, int] | None = Field(None, description="Of several: how many have which proof.")


class TopologyGroup(Model):
    id: str
    kind: Literal["bonded", "location"] = Field(description="Devices that hosts are bonded to together; one location.")
    name: str


class Counted(Model):
    nodes: int
    links: int


class Collapsed(Counted):
    boxes: int


class Topology(Model):
    revision: int
    complete: bool = Field(
        description="False where something wired to what is shown is left out, or an end has no node."
    )
    depth: int | None
    roots: list[dict[str, Any]]
    outside: list[dict[str, Any]] = Field(
        description="What was asked about and is no part of the map, with the reason."
    )
    nodes: list[TopologyNode]
    links: list[TopologyLink]
    groups: list[TopologyGroup]
    collapsed: Collapsed = Field(description="What stands in boxes of like nodes, counted.")
    left_out: Counted = Field(description="Beyond the depth or the classes asked for, at once behind what is shown.")

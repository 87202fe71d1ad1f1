"""Shapes of the API's documents about agents."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from api.models import List, Model, Strict

Wish = Literal["full_report", "pass_now"]


class AgentPath(Strict):
    id: str = Field(max_length=64, description="Id of an agent's key.")


class AgentsParameters(Strict):
    cursor: str | None = Field(None, max_length=40, description="`next` of the page before, as it is.")
    limit: int = Field(100, ge=1, le=1000, description="Agents on a page.")


class EnrolmentWanted(Strict):
    host_name: str = Field(max_length=1000, description="What the host calls itself; for people.")
    agent_key: str = Field(
        pattern="^[0-9a-f]{32}$", description="What tells this installation of an agent from others."
    )
    marks: dict[str, Any] = Field(description="The host's identifying marks, as in the header of its batches.")
    version: str = Field("", max_length=200, description="Version of the agent.")


class Enrolment(Model):
    key: str = Field(description="Id of the agent's key, `keyid` of its signatures.")
    secret: str = Field(description="The key's secret, 32 bytes in base64; told this once.")
    source: str = Field(description="As what the agent reports.")
    state: Literal["active", "pending"]
    reason: str = Field(description="Why an operator has to approve it; empty where it is active.")
    secret_ends_at: str = Field(description="Until when the secret is good, unless it is renewed.")


class Wishes(Model):
    wishes: list[Wish] = Field(description="What is asked of the agent now; there is nothing else that can be.")
    secret_ends_at: str
    state: Literal["active", "pending"]


class Rotation(Model):
    key: str
    secret: str = Field(description="The new secret; the one before ends when this one is first used.")
    secret_ends_at: str


class Agent(Model):
    id: str
    name: str
    source: str
    state: Literal["pending", "active", "revoked"]
    reason: str
    token: str = Field(description="Id of the token that it was enrolled with.")
    address: str = Field(description="From where it was enrolled.")
    enrolled_at: str
    version: str | None
    overlaps: list[str] = Field(description="Agents that were enrolled with identifiers of its host.")
    ci: str | None = Field(description="The host that it reports, from its first report on.")
    seen_at: str | None = Field(description="When it last came.")
    bytes_of_day: int = Field(description="What it sent on the day when it last came.")
    secret_ends_at: str | None
    asked: list[Wish]


class Agents(List):
    items: list[Agent]


class ApprovalWanted(Strict):
    replace: bool = Field(False, description="Whether the agents end that have identifiers of its host.")


class RevocationWanted(Strict):
    reason: str = Field("", max_length=1000)


class WishWanted(Strict):
    wish: Wish

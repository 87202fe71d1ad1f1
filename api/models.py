"""Shapes of the API's documents and parameters; the OpenAPI document is made of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Value = bool | int | str | list[int] | list[str]
Attributes = dict[str, Value]


class Model(BaseModel):
    """Members may be added to any document, never renamed."""

    model_config = ConfigDict(extra="allow")


class Strict(BaseModel):
    """What a caller sends: an unknown member is a mistake."""

    model_config = ConfigDict(extra="forbid")


class Problem(Model):
    """What went wrong, as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str


# -- parameters ------------------------------------------------------------------------------------------------------------


class AtParameter(Strict):
    at: str | None = Field(None, max_length=64, description="A revision, ISO 8601 with offset, a date, or '2h ago'.")


class PageParameters(AtParameter):
    cursor: str | None = Field(None, max_length=16384, description="`next` of the page before, as it is.")
    limit: int = Field(100, ge=1, le=1000, description="Items on a page.")


class FindParameters(PageParameters):
    q: str = Field("", max_length=4096, description="What is searched for, in the query language.")


class CiPath(Strict):
    id: str = Field(max_length=64, description="Id of a configuration item.")


class NamePath(Strict):
    name: str = Field(max_length=256, description="Name of a baseline.")


class DigestPath(Strict):
    digest: str = Field(pattern="^[0-9a-f]{64}$", description="Address of a document, SHA-256.")


class TokenPath(Strict):
    id: str = Field(max_length=64, description="Id of a token.")


# -- answers ---------------------------------------------------------------------------------------------------------------


class Section(Model):
    section: str
    outcome: Literal["collected", "not_applicable", "failed"]
    reason: str
    seen_at: str


class Redacted(Model):
    reason: str
    revision: int = Field(description="That of the newest redaction, which may be later than the one asked for.")
    by: str
    at: str | None = Field(description="When it was committed.")
    lifted: int | None = Field(None, description="Since which revision it may be told again; what was erased stays so.")


class CI(Model):
    id: str
    class_: Annotated[str, Field(alias="class")]
    name: str
    attributes: Attributes
    readings: dict[str, Any]
    identifiers: list[str]
    since: int
    first_seen: str | None
    last_seen: str | None
    state: Literal["current", "stale", "retired"]
    sections: list[Section]
    redacted: dict[str, Redacted] | None = Field(None, description="Attributes whose values were erased, by name.")
    freed: bool | None = Field(None, description="True where retention has freed the values of what is retired.")


class Relation(Model):
    type: str
    subject: str
    object: str
    attributes: Attributes
    since: int


class Neighbour(Model):
    relation: Relation
    ci: CI


class Happened(Model):
    revision: int
    committed_at: str
    not_before: str | None
    not_after: str | None
    source: str
    actor: str
    cause: str
    kind: str
    relation: dict[str, str] | None
    attribute: str | None
    before: Value | None
    after: Value | None
    witness: str | None


class List(Model):
    total: int | None
    next: str | None
    revision: int
    as_of: str | None


class CIs(List):
    items: list[CI]


class Neighbours(List):
    items: list[Neighbour]


class History(List):
    items: list[Happened]


class Quarantined(Model):
    subject: dict[str, Any]
    reason: str


class Receipt(Model):
    batch: str
    revision: int | None
    created: int
    updated: int
    retired: int
    unchanged: int
    superseded: list[str]
    conflicts: list[str]
    quarantined: list[Quarantined]
    sections: list[dict[str, Any]]
    wishes: list[str] | None = Field(None, description="To an enrolled agent: what is asked of it, as in its wishes.")
    secret_ends_at: str | None = Field(None, description="To an enrolled agent: when its secret ends.")


class Step(Model):
    id: str
    type: str | None


class Impacted(Model):
    id: str
    class_: Annotated[str, Field(alias="class")]
    name: str
    level: Literal["outage", "degraded", "at_risk", "possible"]
    on: str | None
    path: list[Step]
    rule: str | None


class Impact(Model):
    complete: bool
    frontier: list[dict[str, Any]]
    revision: int
    impacted: list[Impacted]
    notes: Annotated[list[str], Field(description="What the answer can not know of the network, a sentence each.")]
    services: list[dict[str, Any]]
    owners: list[dict[str, Any]]
    redacted: dict[str, Any]


class KeptImpact(Impact):
    document: str = Field(description="Address of the report, SHA-256.")


class Deviation(Model):
    ci: str | None
    class_: Annotated[str | None, Field(alias="class")]
    name: str | None
    kind: str
    attribute: str | None
    relation: Any
    before: Any
    after: Any
    not_before: str | None
    not_after: str | None
    revision: int | None
    source: str | None
    verdict: str | None
    change: str | None
    reason: str | None


class Coverage(Model):
    compared: int
    stale: int
    failed: int
    not_comparable: int


class Drift(Model):
    baseline: str
    revision: int
    deviations: list[Deviation]
    coverage: Coverage
    left_out: int
    findings: int


class KeptDrift(Drift):
    document: str = Field(description="Address of the report, SHA-256.")


class Baseline(Model):
    name: str
    digest: str
    scope: str
    revision: int
    as_of: str
    state: str
    created_by: str
    created_at: str
    counts: dict[str, int]
    approval: dict[str, Any] | None


class Baselines(List):
    items: list[Baseline]


class Verification(Model):
    name: str
    digest: str
    sound: bool
    documents: int
    items: int
    problems: list[dict[str, Any]]


class RecordRow(Model):
    id: str
    kind: Literal["change", "incident"]
    key: str
    instance: str
    number: str
    title: str | None
    link: str | None
    window: dict[str, str | None]
    since: int


class Records(List):
    items: list[RecordRow]


class Record(RecordRow):
    affects: list[dict[str, str]]
    pins: list[dict[str, str]]
    history: list[Happened]
    summary: str


class Kept(Model):
    document: str = Field(description="Kind of document.")
    version: int


class Summary(Model):
    host: CI
    listens: list[dict[str, Any]]
    depends_on: list[dict[str, Any]]
    counts: dict[str, int]
    unseen: list[dict[str, str]]


class Token(Model):
    id: str
    name: str
    roles: list[str]
    expires_at: str | None
    source: str | None
    created_by: str
    created_at: str
    state: Literal["active", "expired", "revoked"]
    count: int | None = Field(None, description="How many agents it may enrol; this and the following with role enrol.")
    used: int | None = Field(None, description="How many it has enrolled.")
    networks: list[str] | None = Field(None, description="From where agents may be enrolled; from anywhere if empty.")
    approve: bool | None = Field(None, description="True where each agent waits for an operator.")


class Tokens(List):
    items: list[Token]


class NewToken(Token):
    token: str


class EnrollingWanted(Strict):
    count: int = Field(1, ge=1, le=100_000, description="How many agents may be enrolled with it.")
    networks: list[str] = Field([], max_length=64, description="From where, as CIDR; from anywhere if empty.")
    approve: bool = Field(False, description="Whether each agent waits for an operator.")


class TokenWanted(Strict):
    name: str = Field(min_length=1, max_length=200)
    roles: list[Literal["reader", "operator", "agent", "collector", "enrol", "admin"]] = Field(min_length=1)
    expires: str = Field("90d", max_length=40, description="12h, 90d, 2w, 1y, an ISO 8601 time, or never.")
    source: str | None = Field(None, max_length=256, description="What an agent's token may report as.")
    enrolling: EnrollingWanted | None = Field(None, description="Of a token with role enrol.")


class DigestKey(Model):
    key: str = Field(description="64 hex digits.")


class Health(Model):
    status: Literal["ok"]
    revision: int


class Check(Model):
    check: str
    outcome: Literal["ok", "warning", "problem"]
    detail: str
    remedy: str
    place: dict[str, Any] | None = Field(None, description="Revision, kind, id and attribute of what differs.")
    first: bool | None = Field(None, description="True of the first place that differs.")


class Doctor(Model):
    checks: list[Check]
    findings: int

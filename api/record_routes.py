"""Routes of change and incident records: references to what any ITSM tool keeps. A key is NUMBER, or INSTANCE/NUMBER."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from api import auth
from api.answers import answer
from api.context import server
from api.models import AtParameter, Record, Records, Strict


class RecordSaid(Strict):
    """What is said of a record; what is left out stays as it is."""

    title: str | None = Field(None, max_length=4096)
    link: str | None = Field(None, max_length=2048)
    start: str | None = Field(None, max_length=64, description="Start of the window, ISO 8601 with offset.")
    end: str | None = Field(None, max_length=64, description="End of the window, exclusive.")
    cis: list[str] | None = Field(None, max_length=1000, description="Ids and queries: what it affects.")
    pins: list[str] | None = Field(None, max_length=100, description="Digests of documents that were looked at.")
    impact: bool | list[str] | None = Field(None, description="Pin the impact of what it affects, or of these CIs.")
    drift: list[str] | None = Field(None, max_length=100, description="Pin the drift from these baselines.")


class NumberPath(Strict):
    number: str = Field(max_length=300, description="Number of the record; of the local instance if several have it.")


class InstancePath(NumberPath):
    instance: str = Field(max_length=300, description="The tool that keeps the record.")


def record_routes(kind: str) -> APIBlueprint:
    """The blueprint of one kind of record, "change" or "incident"."""
    routes = APIBlueprint(
        f"{kind}s",
        __name__,
        url_prefix=f"/api/v1/{kind}s",
        abp_tags=[Tag(name=f"{kind}s", description=f"References to {kind} records of any ITSM tool")],
        abp_security=[{"token": []}],
    )

    @routes.get("", responses={200: Records}, summary=f"All {kind} records")
    def listed(query: AtParameter) -> Response:
        return answer(server().estate.of(auth.caller("read")).records(kind, query.at))

    @routes.get("/<string:number>", responses={200: Record}, summary=f"The {kind} record with a number")
    def show(path: NumberPath, query: AtParameter) -> Response:
        return answer(server().estate.of(auth.caller("read")).record(kind, path.number, query.at))

    @routes.get(
        "/<string:instance>/<string:number>", responses={200: Record}, summary=f"A {kind} record of an instance"
    )
    def show_of_instance(path: InstancePath, query: AtParameter) -> Response:
        estate = server().estate.of(auth.caller("read"))
        return answer(estate.record(kind, f"{path.instance}/{path.number}", query.at))

    @routes.put("/<string:number>", responses={200: Record}, summary="Make a record, or add to it")
    def add(path: NumberPath, body: RecordSaid) -> Response:
        return _add(kind, path.number, body)

    @routes.put("/<string:instance>/<string:number>", responses={200: Record}, summary="The same, of an instance")
    def add_of_instance(path: InstancePath, body: RecordSaid) -> Response:
        return _add(kind, f"{path.instance}/{path.number}", body)

    return routes


def _add(kind: str, key: str, body: RecordSaid) -> Response:
    estate = server().estate.of(auth.caller("operate"))
    return answer(estate.add_record(kind, key, body.model_dump(exclude_none=True)))

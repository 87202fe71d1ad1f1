"""Baselines: freeze, approve, look at, verify."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from api import auth
from api.answers import answer
from api.context import server
from api.models import Baseline, Baselines, NamePath, Strict, Verification

routes = APIBlueprint(
    "baselines",
    __name__,
    url_prefix="/api/v1/baselines",
    abp_tags=[Tag(name="baselines", description="What was agreed")],
    abp_security=[{"token": []}],
)


class BaselineWanted(Strict):
    name: str = Field(max_length=256)
    scope: str = Field(max_length=4096, description="What is frozen, in the query language; empty: everything.")
    at: str | None = Field(None, max_length=64)


class ApprovalWanted(Strict):
    digest: str = Field(max_length=64, description="The digest that was shown to whoever approves.")
    self_reason: str | None = Field(None, max_length=4096, description="Why one's own baseline is approved.")


@routes.get("", responses={200: Baselines}, summary="All baselines")
def registered() -> Response:
    return answer(server().estate.of(auth.caller("read")).baselines())


@routes.post("", responses={201: Baseline}, summary="Freeze a scope")
def create(body: BaselineWanted) -> Response:
    estate = server().estate.of(auth.caller("operate"))
    return answer(estate.create_baseline(body.name, body.scope, body.at), 201)


@routes.get("/<string:name>", responses={200: Baseline}, summary="A baseline")
def show(path: NamePath) -> Response:
    return answer(server().estate.of(auth.caller("read")).baseline(path.name))


@routes.post("/<string:name>/approval", responses={201: Baseline}, summary="Approve what a digest shows")
def approve(path: NamePath, body: ApprovalWanted) -> Response:
    estate = server().estate.of(auth.caller("operate"))
    return answer(estate.approve_baseline(path.name, body.digest, body.self_reason), 201)


@routes.get("/<string:name>/verification", responses={200: Verification}, summary="Is every value what was frozen")
def verify(path: NamePath) -> Response:
    return answer(server().estate.of(auth.caller("read")).verify_baseline(path.name))

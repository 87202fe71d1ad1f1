"""Retention of the past, and legal holds against it."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from api import auth
from api.answers import answer
from api.context import server
from api.models import AtParameter
from api.models_retention import (
    AgeWanted,
    Freed,
    Hold,
    HoldPath,
    Holds,
    HoldWanted,
    Released,
    ReleaseWanted,
    Retention,
    RunWanted,
)

routes = APIBlueprint(
    "retention",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="retention", description="How long the past is kept")],
    abp_security=[{"token": []}],
)


@routes.get("/retention", responses={200: Retention}, summary="Ages that are set, and horizons that were reached")
def retention() -> Response:
    return answer(server().estate.of(auth.caller("read")).retention())


@routes.post("/retention", responses={200: Retention}, summary="Set an age, or take it back")
def set_age(body: AgeWanted) -> Response:
    estate = server().estate.of(auth.caller("administer"))
    return answer(estate.set_retention(body.days, body.class_name, body.reason))


@routes.post("/retention/runs", responses={200: Freed}, summary="Free now what is older")
def run(body: RunWanted) -> Response:
    return answer(server().estate.of(auth.caller("administer")).run_retention(body.dry_run))


@routes.get("/holds", responses={200: Holds}, summary="Legal holds")
def holds(query: AtParameter) -> Response:
    return answer(server().estate.of(auth.caller("read")).holds(query.at))


@routes.post("/holds", responses={201: Hold}, summary="Set a legal hold")
def add_hold(body: HoldWanted) -> Response:
    estate = server().estate.of(auth.caller("administer"))
    return answer(estate.add_hold(body.name, body.scope, body.reason), 201)


@routes.post("/holds/<string:name>/release", responses={200: Released}, summary="Release a legal hold")
def release(path: HoldPath, body: ReleaseWanted) -> Response:
    return answer(server().estate.of(auth.caller("administer")).release_hold(path.name, body.reason))

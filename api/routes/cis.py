"""Configuration items: search, one, its history, its neighbours."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from api import auth
from api.answers import answer
from api.context import server
from api.models import CI, AtParameter, CiPath, CIs, FindParameters, History, Neighbours, PageParameters, Summary
from api.models_explanation import Explanation

routes = APIBlueprint(
    "cis",
    __name__,
    url_prefix="/api/v1/cis",
    abp_tags=[Tag(name="cis", description="Configuration items")],
    abp_security=[{"token": []}],
)


@routes.get("", responses={200: CIs}, summary="Configuration items that a query matches")
def find(query: FindParameters) -> Response:
    estate = server().estate.of(auth.caller("read"))
    return answer(estate.find(query.q, query.at, query.cursor, query.limit))


@routes.get("/<string:id>", responses={200: CI}, summary="A configuration item, as of any time")
def show(path: CiPath, query: AtParameter) -> Response:
    return answer(server().estate.of(auth.caller("read")).show(path.id, query.at))


@routes.get("/<string:id>/history", responses={200: History}, summary="What happened to it")
def history(path: CiPath, query: PageParameters) -> Response:
    estate = server().estate.of(auth.caller("read"))
    return answer(estate.history(path.id, query.at, query.cursor, query.limit))


@routes.get("/<string:id>/neighbours", responses={200: Neighbours}, summary="What it is related to")
def neighbours(path: CiPath, query: PageParameters) -> Response:
    estate = server().estate.of(auth.caller("read"))
    return answer(estate.neighbours(path.id, query.at, query.cursor, query.limit))


@routes.get(
    "/<string:id>/explain", responses={200: Explanation}, summary="Why it is this one, and its values are these"
)
def explain(path: CiPath, query: AtParameter) -> Response:
    return answer(server().estate.of(auth.caller("read")).explain(path.id, query.at))


@routes.get("/<string:id>/summary", responses={200: Summary}, summary="A host on one page")
def summary(path: CiPath, query: AtParameter) -> Response:
    return answer(server().estate.of(auth.caller("read")).summary(path.id, query.at))

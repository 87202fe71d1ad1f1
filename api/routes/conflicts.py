"""Conflicts: what of identities people have to decide."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from api import auth
from api.answers import answer
from api.context import server
from api.models import AtParameter
from api.models_conflicts import Conflict, ConflictPath, Conflicts, ConflictsParameters, ResolutionWanted

routes = APIBlueprint(
    "conflicts",
    __name__,
    url_prefix="/api/v1/conflicts",
    abp_tags=[Tag(name="conflicts", description="What of identities people have to decide")],
    abp_security=[{"token": []}],
)


@routes.get("", responses={200: Conflicts}, summary="Open conflicts, or all")
def listed(query: ConflictsParameters) -> Response:
    return answer(server().estate.of(auth.caller("read")).conflicts(query.all, query.at, query.cursor, query.limit))


@routes.get("/<string:number>", responses={200: Conflict}, summary="A conflict with what may be done about it")
def show(path: ConflictPath, query: AtParameter) -> Response:
    return answer(server().estate.of(auth.caller("read")).conflict(path.number, query.at))


@routes.post("/<string:number>/resolution", responses={200: Conflict}, summary="Do a proposal, and close the conflict")
def resolve(path: ConflictPath, body: ResolutionWanted) -> Response:
    estate = server().estate.of(auth.caller("operate"))
    return answer(estate.resolve_conflict(path.number, body.as_, body.reason))

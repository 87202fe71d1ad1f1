"""Two configuration items that are one, and one that is two."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from api import auth
from api.answers import answer
from api.context import server
from api.models import CiPath
from api.models_conflicts import Merged, MergeWanted, Split, SplitWanted

routes = APIBlueprint(
    "merging",
    __name__,
    url_prefix="/api/v1/cis",
    abp_tags=[Tag(name="cis", description="Configuration items")],
    abp_security=[{"token": []}],
)


@routes.post("/<string:id>/merge", responses={200: Merged}, summary="Make it one with another one; its id survives")
def merge(path: CiPath, body: MergeWanted) -> Response:
    return answer(server().estate.of(auth.caller("operate")).merge(path.id, body.other, body.reason))


@routes.post("/<string:id>/split", responses={200: Split}, summary="Undo a merge, or split off what sources report")
def split(path: CiPath, body: SplitWanted) -> Response:
    return answer(server().estate.of(auth.caller("operate")).split(path.id, body.reason, body.sources))

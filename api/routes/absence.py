"""What is gone or long unseen: retired by hand, brought back, and what time alone changes."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from api import auth
from api.answers import answer
from api.context import server
from api.models import CiPath
from api.models_absence import Existence, Freshness, FreshnessWanted, ReasonWanted

routes = APIBlueprint(
    "absence",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="absence", description="What is gone or long unseen")],
    abp_security=[{"token": []}],
)


@routes.post("/cis/<string:id>/retirement", responses={200: Existence}, summary="Retire an item by hand")
def retire(path: CiPath, body: ReasonWanted) -> Response:
    return answer(server().estate.of(auth.caller("operate")).retire(path.id, body.reason))


@routes.post("/cis/<string:id>/restoration", responses={200: Existence}, summary="Bring back what was retired by hand")
def restore(path: CiPath, body: ReasonWanted) -> Response:
    return answer(server().estate.of(auth.caller("operate")).restore(path.id, body.reason))


@routes.post("/freshness", responses={200: Freshness}, summary="Have time change now what it may")
def freshness(body: FreshnessWanted) -> Response:
    return answer(server().estate.of(auth.caller("administer")).freshness(body.dry_run))

"""Drift: how the estate differs from a baseline."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from api import auth
from api.answers import answer
from api.context import server
from api.models import AtParameter, Drift, KeptDrift, NamePath

routes = APIBlueprint(
    "drift",
    __name__,
    url_prefix="/api/v1/drift",
    abp_tags=[Tag(name="drift", description="How the estate differs from what was agreed")],
    abp_security=[{"token": []}],
)


class DriftParameters(AtParameter):
    against: str | None = Field(None, max_length=256, description="Another baseline of the same scope.")


@routes.get("/<string:name>", responses={200: Drift}, summary="How the estate differs from a baseline")
def drift(path: NamePath, query: DriftParameters) -> Response:
    return answer(server().estate.of(auth.caller("read")).drift(path.name, query.at, query.against))


@routes.post("/<string:name>", responses={201: KeptDrift}, summary="The same, kept as a document for good")
def keep(path: NamePath, body: DriftParameters) -> Response:
    estate = server().estate.of(auth.caller("operate"))
    return answer(estate.drift(path.name, body.at, body.against, keep=True), 201)

"""Impact: what breaks if these go."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from api import auth
from api.answers import answer
from api.context import server
from api.models import AtParameter, Impact, KeptImpact

routes = APIBlueprint(
    "impact",
    __name__,
    url_prefix="/api/v1/impact",
    abp_tags=[Tag(name="impact", description="What breaks if something goes")],
    abp_security=[{"token": []}],
)


class ImpactParameters(AtParameter):
    ci: list[str] = Field(min_length=1, max_length=1000, description="Ids of what goes.")
    down: list[str] = Field(default_factory=list, max_length=1000, description="Ids of what is down already.")


@routes.get("", responses={200: Impact}, summary="What breaks if these configuration items go")
def impact(query: ImpactParameters) -> Response:
    return answer(server().estate.of(auth.caller("read")).impact(query.ci, query.down, query.at))


@routes.post("", responses={201: KeptImpact}, summary="The same, kept as a document for good")
def keep(body: ImpactParameters) -> Response:
    estate = server().estate.of(auth.caller("operate"))
    return answer(estate.impact(body.ci, body.down, body.at, keep=True), 201)

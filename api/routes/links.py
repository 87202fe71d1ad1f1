"""Links between ports, derived from the evidence that there is."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from api import auth
from api.answers import answer
from api.context import server
from api.models_links import Links, LinksWanted

routes = APIBlueprint(
    "links",
    __name__,
    url_prefix="/api/v1/links",
    abp_tags=[Tag(name="links", description="Links between ports, and the evidence that they are derived from")],
    abp_security=[{"token": []}],
)


@routes.post("", responses={200: Links}, summary="Derive all links now")
def derive(body: LinksWanted) -> Response:
    return answer(server().estate.of(auth.caller("operate")).derive_links(body.dry_run))

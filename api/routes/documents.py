"""Documents: reports and baselines that were kept, the same bytes for good."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from api import auth
from api.answers import immutable
from api.context import server
from api.models import DigestPath, Kept

routes = APIBlueprint(
    "documents",
    __name__,
    url_prefix="/api/v1/documents",
    abp_tags=[Tag(name="documents", description="Reports and baselines that were kept")],
    abp_security=[{"token": []}],
)


@routes.get("/<string:digest>", responses={200: Kept}, summary="A document: the same bytes for good")
def document(path: DigestPath) -> Response:
    return immutable(server().estate.of(auth.caller("read")).document(path.digest), path.digest)

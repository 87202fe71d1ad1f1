"""Bulk edits of what people say of configuration items."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from api import auth
from api.answers import answer
from api.context import server
from api.models_people import Edited, EditWanted

routes = APIBlueprint(
    "edits",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="people", description="What people say of things")],
    abp_security=[{"token": []}],
)


@routes.patch("/cis", responses={200: Edited}, summary="Set what people say of all items that a query matches")
def edit(body: EditWanted) -> Response:
    estate = server().estate.of(auth.caller("operate"))
    return answer(estate.edit(body.q, body.model_dump(exclude={"q"})))

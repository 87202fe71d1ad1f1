"""Own attributes of the store, and tags."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from api import auth
from api.answers import answer
from api.context import server
from api.models import AtParameter
from api.models_people import (
    AttributePath,
    AttributeWanted,
    OwnAttribute,
    OwnAttributes,
    ReasonWanted,
    RemovedAttribute,
    Tags,
)

routes = APIBlueprint(
    "attributes",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="people", description="What people say of things")],
    abp_security=[{"token": []}],
)


@routes.get("/attributes", responses={200: OwnAttributes}, summary="Attributes that were declared here")
def attributes(query: AtParameter) -> Response:
    return answer(server().estate.of(auth.caller("read")).attributes(query.at))


@routes.post("/attributes", responses={201: OwnAttribute}, summary="Declare an own attribute")
def declare(body: AttributeWanted) -> Response:
    estate = server().estate.of(auth.caller("administer"))
    return answer(
        estate.add_attribute(body.class_, body.name, body.model_dump(include={"type", "text", "reason"})), 201
    )


@routes.post(
    "/attributes/<string:class_name>/<string:name>/removal",
    responses={200: RemovedAttribute},
    summary="Take back an own attribute, and its values with it",
)
def remove(path: AttributePath, body: ReasonWanted) -> Response:
    estate = server().estate.of(auth.caller("administer"))
    return answer(estate.remove_attribute(path.class_name, path.name, body.reason))


@routes.get("/tags", responses={200: Tags}, summary="Tags in use, and on how many items")
def tags(query: AtParameter) -> Response:
    return answer(server().estate.of(auth.caller("read")).tags(query.at))

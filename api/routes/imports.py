"""Imports of files that people keep."""

from __future__ import annotations

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from api import auth
from api.answers import answer
from api.context import server
from api.import_files import MAX_BYTES, mapping
from api.models_people import Imported, ImportParameters

routes = APIBlueprint(
    "imports",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="people", description="What people say of things")],
    abp_security=[{"token": []}],
)


@routes.post(
    "/imports",
    responses={200: Imported},
    summary="Take the rows of a file, all or none; where one can not be applied, `landed` is false",
    openapi_extensions={
        "requestBody": {
            "required": True,
            "description": "The file as it is: CSV, JSON or YAML in UTF-8.",
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def take(query: ImportParameters) -> Response:
    estate = server().estate.of(auth.caller("operate"))
    request.max_content_length = MAX_BYTES
    said = query.model_dump(by_alias=True, exclude={"map"})
    return answer(estate.import_file(request.get_data(cache=False), {**said, "columns": mapping(query.map)}))

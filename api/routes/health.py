"""Is the server there, is everything sound, and what can be asked."""

from __future__ import annotations

from typing import cast

from flask import Response, current_app
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from flask_openapi3.openapi import OpenAPI
from pydantic import Field

from api import auth
from api.answers import answer
from api.context import server
from api.models import Doctor, Health, Strict

routes = APIBlueprint(
    "health", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="health", description="Is everything sound")]
)


class DoctorParameters(Strict):
    chain: bool = Field(False, description="Make every digest of the past again.")


@routes.get("/health", responses={200: Health}, summary="Is the server there, and the store behind it")
def health() -> Response:
    with server().estate.store.view() as view:
        return answer({"status": "ok", "revision": view.head().number})


@routes.get("/doctor", responses={200: Doctor}, security=[{"token": []}], summary="Is everything sound")
def doctor(query: DoctorParameters) -> Response:
    return answer(server().estate.of(auth.caller("administer")).doctor(query.chain))


@routes.get("/openapi.json", doc_ui=False)
def openapi() -> Response:
    return answer(cast(OpenAPI, current_app).api_doc)

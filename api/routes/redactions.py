"""Redaction: erasing a value, and letting it be told again."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from api import auth
from api.answers import answer
from api.context import server
from api.models_redaction import Lifted, RedactionDone, RedactionWanted

routes = APIBlueprint(
    "redactions",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="redactions", description="Erasing values")],
    abp_security=[{"token": []}],
)


@routes.post("/redactions", responses={200: RedactionDone}, summary="Erase a value, now and in all of the past")
def redact(body: RedactionWanted) -> Response:
    estate = server().estate.of(auth.caller("administer"))
    return answer(estate.redact(body.ci, body.attribute, body.reason))


@routes.post("/redactions/lift", responses={200: Lifted}, summary="Let an attribute be told again")
def lift(body: RedactionWanted) -> Response:
    estate = server().estate.of(auth.caller("administer"))
    return answer(estate.lift_redaction(body.ci, body.attribute, body.reason))

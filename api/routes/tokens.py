"""Access tokens: make, list, revoke."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from api import auth
from api.answers import answer
from api.context import server
from api.models import NewToken, Token, TokenPath, Tokens, TokenWanted

routes = APIBlueprint(
    "tokens",
    __name__,
    url_prefix="/api/v1/tokens",
    abp_tags=[Tag(name="tokens", description="Access tokens")],
    abp_security=[{"token": []}],
)


@routes.get("", responses={200: Tokens}, summary="All tokens, without their secrets")
def list_tokens() -> Response:
    return answer(server().estate.of(auth.caller("administer")).list_tokens())


@routes.post("", responses={201: NewToken}, summary="Make a token; its secret is shown this once")
def create(body: TokenWanted) -> Response:
    estate = server().estate.of(auth.caller("administer"))
    enrolling = body.enrolling.model_dump() if body.enrolling is not None else None
    response = answer(estate.create_token(body.name, body.roles, body.expires, body.source, enrolling), 201)
    response.headers["Cache-Control"] = "no-store"
    return response


@routes.delete("/<string:id>", responses={200: Token}, summary="Revoke a token")
def revoke(path: TokenPath) -> Response:
    return answer(server().estate.of(auth.caller("administer")).revoke_token(path.id))

"""The one-file agent, its signature and the key that checks it: given to anybody, since a new host has nothing to show yet."""

from __future__ import annotations

from flask import Response, current_app, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from agent.one_file import NAME
from api.agent_file import PUBLIC_KEY, SIGNATURE, AgentFile, agent_file

routes = APIBlueprint(
    "agent_file",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="agents", description="What agents hand in, and what they need")],
)

_KEPT = "surveymark_agent_file"


def given() -> AgentFile:
    """The file that this application gives out: one for as long as it runs, whatever an upgrade does to its source meanwhile."""
    found: AgentFile | None = current_app.extensions.get(_KEPT)
    if found is None:
        found = current_app.extensions[_KEPT] = agent_file()
    return found


@routes.get(f"/agent/{NAME}", summary="The agent as one file")
def program() -> Response:
    return _answer(given().data, "application/zip", given().sha256)


@routes.get(f"/agent/{SIGNATURE}", summary="Its detached Ed25519 signature (RFC 8032), 64 bytes")
def signature() -> Response:
    return _answer(given().signature, "application/octet-stream", given().sha256)


@routes.get(f"/agent/{PUBLIC_KEY}", summary="The public key that checks the signature (PEM)")
def public_key() -> Response:
    return _answer(given().public_key, "application/x-pem-file", given().sha256)


def _answer(data: bytes, kind: str, tag: str) -> Response:
    response = Response(data, mimetype=kind)
    response.set_etag(tag)
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(request)
    return response

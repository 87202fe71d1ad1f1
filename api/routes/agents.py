"""Agents: what they ask for themselves, signed or with a token that enrols, and what people do about them."""

from __future__ import annotations

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from api import auth
from api.agents import Applicant
from api.answers import answer
from api.context import server
from api.local_estate import LocalEstate
from api.models_agents import (
    Agent,
    AgentPath,
    Agents,
    AgentsParameters,
    ApprovalWanted,
    Enrolment,
    EnrolmentWanted,
    RevocationWanted,
    Rotation,
    Wishes,
    WishWanted,
)
from api.origin import origin, within
from cmdb.model.errors import ForbiddenError

routes = APIBlueprint(
    "agents",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="agents", description="What agents hand in, and what they need")],
    abp_security=[{"token": []}],
)


@routes.post("/agent/enrolments", responses={201: Enrolment}, summary="Enrol an agent; its secret is told this once")
def enrol(body: EnrolmentWanted) -> Response:
    token, here = auth.caller("enrol"), server()
    forwarded = request.headers.getlist("X-Forwarded-For")
    address = origin(request.remote_addr or "", forwarded, here.settings.trusted_proxies)
    networks = here.tokens.networks(token.token)
    if networks and not within(address, networks):
        raise ForbiddenError(f"The token {token.token} enrols agents from {', '.join(networks)}, not from {address}.")
    applicant = Applicant(body.host_name, body.agent_key, body.marks, body.version)
    return _secret(answer(here.agents.enrol(token, applicant, address), 201))


@routes.get("/agent/wishes", responses={200: Wishes}, summary="What is asked of the agent that asks")
def wishes() -> Response:
    return _secret(answer(server().agents.told(auth.agent().agent, asked=True)))


@routes.post("/agent/rotations", responses={201: Rotation}, summary="A new secret for the agent that asks")
def rotate() -> Response:
    return _secret(answer(server().keys.renew(auth.agent().agent), 201))


@routes.get("/agents", responses={200: Agents}, summary="All agents, without their secrets")
def every(query: AgentsParameters) -> Response:
    return answer(_estate("read").agents(query.cursor, query.limit))


@routes.get("/agents/<string:id>", responses={200: Agent}, summary="One agent")
def one(path: AgentPath) -> Response:
    return answer(_estate("read").agent(path.id))


@routes.post("/agents/<string:id>/approval", responses={200: Agent}, summary="Let a pending agent report")
def approve(path: AgentPath, body: ApprovalWanted) -> Response:
    return answer(_estate("operate").approve_agent(path.id, body.replace))


@routes.post("/agents/<string:id>/revocation", responses={200: Agent}, summary="End an agent's key")
def revoke(path: AgentPath, body: RevocationWanted) -> Response:
    return answer(_estate("operate").revoke_agent(path.id, body.reason))


@routes.post("/agents/<string:id>/rotation", responses={200: Agent}, summary="Have an agent take a new secret")
def rotate_one(path: AgentPath) -> Response:
    return answer(_estate("operate").rotate_agent(path.id))


@routes.post(
    "/agents/<string:id>/wishes", responses={200: Agent}, summary="Ask an agent for a full report, or a pass now"
)
def ask(path: AgentPath, body: WishWanted) -> Response:
    return answer(_estate("operate").ask_agent(path.id, body.wish))


def _estate(permission: str) -> LocalEstate:
    return server().estate.of(auth.caller(permission))


def _secret(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response

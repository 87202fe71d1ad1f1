"""The physical map: what is plugged into what."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from api import auth
from api.answers import answer
from api.context import server
from api.models_topology import Topology, TopologyParameters

routes = APIBlueprint(
    "topology",
    __name__,
    url_prefix="/api/v1/topology",
    abp_tags=[Tag(name="topology", description="What is plugged into what, and what proves it")],
    abp_security=[{"token": []}],
)


@routes.get("", responses={200: Topology}, summary="Hosts and network devices, and the links between their ports")
def topology(query: TopologyParameters) -> Response:
    estate = server().estate.of(auth.caller("read"))
    return answer(estate.topology(query.ci, query.q, query.depth, query.class_, query.most, query.at))

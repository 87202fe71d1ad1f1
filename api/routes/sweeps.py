"""Sweeps: what was looked at without agents, and how each target ended. Collectors write them, readers see them."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from api import auth
from api.answers import answer
from api.context import server
from api.models_sweeps import (
    Sweep,
    SweepParameters,
    SweepPath,
    Sweeps,
    SweepsParameters,
    SweepSummary,
    SweepWanted,
    TargetsWanted,
)

routes = APIBlueprint(
    "sweeps",
    __name__,
    url_prefix="/api/v1/sweeps",
    abp_tags=[Tag(name="sweeps", description="What was looked at without agents")],
    abp_security=[{"token": []}],
)


@routes.get("", responses={200: Sweeps}, summary="Sweeps, newest first")
def listed(query: SweepsParameters) -> Response:
    return answer(server().estate.of(auth.caller("read")).sweeps(query.cursor, query.limit))


@routes.get("/<string:id>", responses={200: Sweep}, summary="A sweep with how its targets ended")
def show(path: SweepPath, query: SweepParameters) -> Response:
    asking = auth.known()
    reads = asking is None or asking.may("read")  # a collector sees its own sweeps
    estate = server().estate.of(auth.caller("read" if reads and not query.plan else "sweep"))
    return answer(estate.sweep(path.id, query.outcome, query.cursor, query.limit, query.plan))


@routes.put("/<string:id>", responses={200: SweepSummary}, summary="Begin a sweep, or say how it stands")
def put(path: SweepPath, body: SweepWanted) -> Response:
    estate = server().estate.of(auth.caller("sweep"))
    return answer(estate.put_sweep(path.id, body.model_dump()))


@routes.post(
    "/<string:id>/targets", responses={200: SweepSummary}, summary="Say which targets a sweep has, and how they ended"
)
def put_targets(path: SweepPath, body: TargetsWanted) -> Response:
    estate = server().estate.of(auth.caller("sweep"))
    return answer(estate.put_sweep_targets(path.id, [row.model_dump() for row in body.targets]))

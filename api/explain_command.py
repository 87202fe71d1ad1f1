"""`surveymark ci explain`: why a CI is this one, and why its values are these."""

from __future__ import annotations

import argparse
from typing import Any

from agent.terminal import Terminal
from api.cli import add_common
from api.connect import connected
from api.encoders import shown, visible
from api.resolve import the_one


def add_explain(commands: Any) -> None:
    command = commands.add_parser("explain", help="by what it was recognised, who claims what of it, and who won")
    command.add_argument("ci", metavar="CI", help="an id, or a query that matches one item")
    command.set_defaults(run=explain)
    add_common(command, at=True)


def explain(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        found = estate.explain(the_one(estate, options.ci, options.at), options.at)
    if io.as_json:
        io.document(found)
        return 0
    ci = found["ci"]
    io.line(f"{ci['class']} {visible(ci['name'])} ({ci['id']}), {ci['state']}")
    io.line(f"known as {visible(found['known_as'])}")
    for match in found["identity"]:
        io.line(f"\n{visible(match['source'])} ({match['route']}, seen {match['seen_at']}): {visible(match['how'])}")
        if match["tried"]:
            io.line(f"tried: {visible(', '.join(match['tried']))}")
        io.table(("identifier", "counts"), [(i["identifier"], _counts(i)) for i in match["identifiers"]])
    for conflict in found["conflicts"]:
        io.line(f"\nconflict {conflict['number']} ({conflict['kind']}): {visible(conflict['reason'])}")
    if found["attributes"]:
        io.line("\nattributes")
        rows = []
        for one in found["attributes"]:
            rows.append((one["attribute"], one["why"], _value(one["value"])))
            if len(one["claims"]) > 1:
                rows += [("", _claim(c), _value(c["value"])) for c in one["claims"]]
        io.table(("name", "why", "value"), rows)  # what may be long comes last
    return 0


def _counts(identifier: dict[str, Any]) -> str:
    if identifier["shared"]:
        return f"no: shared by {', '.join(identifier['shared']['cis']) or 'several'}"
    return "proposes only" if identifier["weak"] else "yes"


def _claim(claim: dict[str, Any]) -> str:
    mark = "*" if claim["wins"] else "-"
    rank = "no rank" if claim["rank"] is None else f"rank {claim['rank']}"
    return f"{mark} {claim['source']} {claim['section']} ({claim['route']}, {rank}, {claim['privilege']}, {claim['observed_at']})"


def _value(value: Any) -> str:
    return "(absent)" if value is None else shown(value)

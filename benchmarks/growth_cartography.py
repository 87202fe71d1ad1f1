"""Loads rows by cartography's own `load`, as its intel modules do: one schema a class, twice over.

    PYTHON growth_cartography.py BOLT_URL ROWS.json

Runs in an environment of cartography's own and imports nothing of this project. Says "ready", then for each load its wall and
CPU seconds as JSON; each begins when a line is read. Rows: {class: [{"id", attributes, "in_id", "from_type", "from_id"}]}.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from dataclasses import make_dataclass
from pathlib import Path
from typing import Any

import neo4j
from cartography.client.core.tx import load
from cartography.models.core.common import PropertyRef
from cartography.models.core.nodes import CartographyNodeProperties, CartographyNodeSchema
from cartography.models.core.relationships import (
    CartographyRelProperties,
    CartographyRelSchema,
    LinkDirection,
    OtherRelationships,
    make_target_node_matcher,
)

UPDATED = PropertyRef("lastupdated", set_in_kwargs=True)


def schema(label: str, rows: list[dict[str, Any]]) -> Any:
    """A node schema as a module of cartography would declare it."""
    names = sorted({n for row in rows for n in row} - {"in_id", "from_type", "from_class", "from_id"})
    fields = [(n, PropertyRef, PropertyRef(n)) for n in names] + [("lastupdated", PropertyRef, UPDATED)]
    properties = make_dataclass(f"{label}Properties", fields, bases=(CartographyNodeProperties,), frozen=True)()
    relations = [_relation("Host", "CONTAINS", "in_id")] if "in_id" in rows[0] else []
    if "from_id" in rows[0]:
        relations.append(_relation(rows[0]["from_class"], rows[0]["from_type"], "from_id"))
    members: list[Any] = [("label", str, label), ("properties", CartographyNodeProperties, properties)]
    if relations:
        members.append(("other_relationships", OtherRelationships, OtherRelationships(relations)))
    return make_dataclass(f"{label}Schema", members, bases=(CartographyNodeSchema,), frozen=True)()


def _relation(target: str, kind: str, field: str) -> Any:
    properties = make_dataclass(
        f"{target}{kind}Properties",
        [("lastupdated", PropertyRef, UPDATED)],
        bases=(CartographyRelProperties,),
        frozen=True,
    )()
    members: list[Any] = [
        ("target_node_label", str, target),
        ("target_node_matcher", object, make_target_node_matcher({"id": PropertyRef(field)})),
        ("direction", LinkDirection, LinkDirection.INWARD),
        ("rel_label", str, kind),
        ("properties", CartographyRelProperties, properties),
    ]
    return make_dataclass(f"{target}{kind}", members, bases=(CartographyRelSchema,), frozen=True)()


def main() -> None:
    """Load twice, timed."""
    url, file = sys.argv[1:]
    logging.getLogger("cartography").setLevel(
        logging.ERROR
    )  # it says of every schema that is not its own that it is not
    nodes = json.loads(Path(file).read_text())
    schemas = {label: schema(label, rows) for label, rows in nodes.items()}
    with neo4j.GraphDatabase.driver(url, auth=None) as driver, driver.session() as session:
        print("ready", flush=True)
        for update in (1, 2):
            sys.stdin.readline()
            client, begin = time.process_time(), time.perf_counter()
            for label, rows in nodes.items():
                load(session, schemas[label], rows, lastupdated=update)
            print(json.dumps([time.perf_counter() - begin, time.process_time() - client]), flush=True)


if __name__ == "__main__":
    main()

"""Recorded fabrics as pictures: every stated link is there, and the columns are those that the fabric was built in."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from api.ui import cabling
from cmdb.stores.sqlite_store import SqliteStore
from tests.end_to_end.test_impact_of_a_fabric import FABRICS, surveyed


@pytest.mark.shared
@pytest.mark.parametrize("name", FABRICS)
def test_a_recorded_fabric_is_drawn_from_spines_by_leaves_to_servers(
    recordings: Path, tmp_path: Path, name: str
) -> None:
    with closing(SqliteStore.open(tmp_path / "estate.db")) as store:
        found = surveyed(recordings / "topology" / name, store).estate.topology()
    drawing = cabling.picture(found)
    stated = json.loads((recordings / "topology" / name / "expected.json").read_text())

    lane = {n.name: n.lane for n in drawing.nodes if not n.seen}
    columns = [{lane[n] for n in lane if n.startswith(word)} for word in ("spine", "leaf", "server")]
    assert [len(column) for column in columns] == [1, 1, 1]
    assert [min(column) for column in columns] == sorted(min(column) for column in columns)
    assert {f.title for f in drawing.frames} >= {"bonded: leaf01 + leaf02", "bonded: leaf03 + leaf04"}
    names = {n["id"]: n["name"] for n in found["nodes"]}
    wires = {frozenset((names[k[e]["id"]], k[e]["port"]) for e in ("a", "b")) for k in found["links"]}
    for row in stated["lldp_links"]:
        assert frozenset((row[e]["device"], row[e]["interface"]) for e in ("a", "b")) in wires

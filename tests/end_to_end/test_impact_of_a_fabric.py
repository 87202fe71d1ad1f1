"""A recorded fabric of switches and servers that hang at two of them each: who is behind a switch, and how badly hit."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api.caller import Caller
from api.local_estate import LocalEstate
from cmdb.model.times import SECOND
from cmdb.stores.sqlite_store import SqliteStore
from collector.cli.recording import replay
from collector.device.surveyed import batch

pytestmark = pytest.mark.shared

NOW = 1_790_000_000 * SECOND


FABRICS = ("nxos", "eos", "cndcn-dual-attach-evpn-centralized")
"""In each every server hangs at two leaves."""


@dataclass
class Fabric:
    estate: LocalEstate
    ids: dict[str, str]
    """Of those that answered themselves, by name."""

    def named(self, word: str) -> list[str]:
        found = sorted(name for name in self.ids if name.startswith(word))
        assert len(found) > 1
        return found

    def hit(self, *names: str) -> dict[str, dict[str, Any]]:
        """Rows of the wholes that are hit, by name."""
        found = self.estate.impact([self.ids[name] for name in names])
        return {row["name"]: row for row in found["impacted"] if row["class"] in ("Host", "NetworkDevice")}

    def leaves(self) -> dict[str, list[str]]:
        """Leaves by the servers that they hit."""
        found: dict[str, list[str]] = {server: [] for server in self.named("server")}
        for leaf in self.named("leaf"):
            for server in self.hit(leaf):
                found[server].append(leaf)
        return found


def surveyed(folder: Path, store: SqliteStore) -> Fabric:
    clock = itertools.count(NOW, SECOND)
    estate = LocalEstate(store, Caller("os:root", ("admin",)), lambda: next(clock))
    for number, file in enumerate(sorted((folder / "hosts").glob("*.json"))):
        found, source, id_ = replay(file), f"cli:{file.stem}", f"{number:026}"
        estate.submit(batch(found, id=id_, source=source, route="cli", sequence=1, observed_at=NOW))
    estate.derive_links()
    with store.view() as view:
        wholes = [i for i in view.scan(("Host", "NetworkDevice")) if i.attributes.get("discovered") is not False]
    return Fabric(estate, {item.name: item.id for item in wholes})


@pytest.fixture(params=FABRICS)
def fabric(recordings: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Fabric]:
    with closing(SqliteStore.open(tmp_path / "estate.db")) as store:
        yield surveyed(recordings / "topology" / request.param, store)


def test_servers_at_two_leaves_are_at_risk_by_each_and_cut_off_by_both(fabric: Fabric) -> None:
    for server, leaves in fabric.leaves().items():
        assert len(leaves) == 2, server
        assert [fabric.hit(leaf)[server]["level"] for leaf in leaves] == ["at_risk"] * 2
        assert fabric.hit(*leaves)[server]["level"] == "outage"

        path = fabric.hit(leaves[0])[server]["path"]
        assert [step["type"] for step in path] == [None, "CONTAINS", "LINKED_VIA", "CONTAINS"]
        assert (path[0]["id"], path[-1]["id"]) == (fabric.ids[leaves[0]], fabric.ids[server])
        assert all(step["rule"] for step in path[1:])
    assert all(fabric.hit(spine) == {} for spine in fabric.named("spine"))


@pytest.fixture
def designed(recordings: Path, tmp_path: Path) -> Iterator[tuple[Fabric, dict[str, set[str]]]]:
    """The fabric of which it is stated who is wired to whom, with that."""
    folder = recordings / "topology" / "cndcn-dual-attach-evpn-centralized"
    wired: dict[str, set[str]] = {}
    for pair in json.loads((folder / "expected.json").read_text())["design_pairs"]:
        wired.setdefault(pair["a"], set()).add(pair["b"])
        wired.setdefault(pair["b"], set()).add(pair["a"])
    with closing(SqliteStore.open(tmp_path / "estate.db")) as store:
        yield surveyed(folder, store), wired


def test_behind_a_leaf_are_the_servers_that_were_wired_to_it(designed: tuple[Fabric, dict[str, set[str]]]) -> None:
    fabric, wired = designed

    for leaf in fabric.named("leaf"):
        assert set(fabric.hit(leaf)) == {each for each in wired[leaf] if each.startswith("server")}


def test_a_host_with_one_interface_at_each_of_two_routers_is_cut_off_by_either(
    designed: tuple[Fabric, dict[str, set[str]]],
) -> None:
    fabric, wired = designed

    assert [fabric.hit(router)["edge01"]["level"] for router in wired["edge01"]] == ["outage"] * 2

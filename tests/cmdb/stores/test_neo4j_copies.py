"""From one Neo4j into another: needs two servers, since the community edition has one database (`script/campaign`)."""

from __future__ import annotations

from contextlib import closing

import pytest

from cmdb.chain import verify_chain
from cmdb.stores.neo4j_store import Neo4jStore
from tests.campaigns.length import LONG
from tests.campaigns.own_neo4j import own_neo4j
from tests.cmdb.building import Receiver, Reporter, packages, system
from tests.cmdb.stores.copying import copy, lines
from tests.cmdb.stores.decided import decide
from tests.cmdb.stores.old_stores import tell
from tests.cmdb.stores.telling import told

if LONG:  # A second server takes too long for every run, and CI allows no skip.

    @pytest.mark.campaign
    def test_a_copy_from_one_neo4j_into_another_is_the_same_store_and_goes_on(cleared_neo4j: str) -> None:
        with (
            own_neo4j() as server,
            closing(Neo4jStore.open(cleared_neo4j)) as one,
            closing(Neo4jStore.open(server.url)) as other,
        ):
            tell(one)
            decide(one)
            copy(one, other)

            assert lines(other) == lines(one)
            assert told(other) == told(one)
            with other.view() as view:
                assert list(verify_chain(view)) == []
            assert list(other.check()) == []
            batch = Reporter("late").batch(system("late"), packages("vim"), at=9_000)
            assert Receiver(other, "x").take(batch) == Receiver(one, "x").take(batch)
            assert lines(other) == lines(one)

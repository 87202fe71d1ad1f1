"""What several claims amount to, who may withdraw whose, and how states are sealed."""

from __future__ import annotations

import hashlib
import itertools
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.model.values import canonical
from cmdb.reconcile import (
    ChangeRow,
    effective,
    entry_content,
    item_content,
    item_name,
    link_content,
    may_withdraw,
    revision_digest,
    seal,
)
from cmdb.states import Entry, Item, Link, Revision, Scope

SCOPE = Scope(
    number=1,
    source="agent:1",
    route="agent",
    subject="S",
    section="os",
    outcome="collected",
    reason="",
    privilege="full",
    version=1,
    classes=["Host"],
    relations=[],
    digest="d",
    observed_at=100,
    seen_at=100,
    sequence=1,
    collected_at=100,
    ever_full=True,
)
REVISION = Revision(7, 1_700_000_000_000_000, "ingest", "agent:1", "token:1", "discovery", "b1", "ff", previous="aa")


def scope(**parts: object) -> Scope:
    return replace(SCOPE, **parts)  # type: ignore[arg-type]


def says(*scopes: Scope) -> dict[str, object]:
    return dict(effective("Host", [(s, {"os": f"{s.source} {s.route}"}) for s in scopes]))


class TestEffective:
    @pytest.mark.parametrize(
        ("winner", "loser"),
        [
            (scope(source="z"), scope(route="manual", source="a", collected_at=999)),
            (scope(source="z", route="ssh"), scope(route="snmp", source="a", collected_at=999)),
            (scope(source="z"), scope(source="a", privilege="user", collected_at=999)),
            (scope(source="z", collected_at=200), scope(source="a", collected_at=100)),
            (scope(source="a"), scope(source="b")),
            (scope(section="a"), scope(section="b")),
            (scope(source="z"), scope(source="a", route="telepathy")),
        ],
    )
    def test_rank_then_privilege_then_the_newest_then_the_lower_source(self, winner: Scope, loser: Scope) -> None:
        expected = {"os": f"{winner.source} {winner.route}"}

        assert says(winner, loser) == says(loser, winner) == expected

    def test_each_attribute_is_judged_by_its_own_group(self) -> None:
        hypervisor, agent = scope(route="hypervisor", source="z"), scope()

        found = effective("Host", [(agent, {"os": "debian", "cpu_count": 2}), (hypervisor, {"cpu_count": 4})])

        assert found == {"os": "debian", "cpu_count": 4}

    def test_a_lower_rank_fills_the_gaps(self) -> None:
        found = effective("Host", [(scope(), {"os": "debian"}), (scope(route="manual"), {"os": "x", "fqdn": "web.a"})])

        assert found == {"os": "debian", "fqdn": "web.a"}

    @given(
        st.lists(
            st.builds(
                scope,
                route=st.sampled_from(["agent", "ssh", "snmp", "manual"]),
                source=st.sampled_from("abc"),
                section=st.sampled_from("xy"),
                collected_at=st.integers(1, 3),
                privilege=st.sampled_from(["full", "user"]),
            ),
            min_size=1,
            max_size=4,
            unique_by=lambda s: (s.source, s.section),
        )
    )
    def test_the_order_of_claims_does_not_matter(self, scopes: list[Scope]) -> None:
        found = [says(*order) for order in itertools.permutations(scopes)]

        assert all(one == found[0] for one in found)


class TestWithdrawal:
    @pytest.mark.parametrize(
        ("witness", "other", "may"),
        [
            ({"collected_at": 200}, {"source": "ssh", "route": "ssh"}, True),
            ({"observed_at": 100}, {"source": "ssh", "route": "ssh"}, False),
            ({"collected_at": 200}, {"source": "snmp", "route": "snmp"}, True),
            ({"collected_at": 200, "route": "snmp"}, {"source": "ssh", "route": "ssh"}, False),
            ({"collected_at": 200, "privilege": "user"}, {"source": "ssh", "route": "ssh"}, False),
            ({"collected_at": 200, "privilege": "user"}, {"source": "ssh", "ever_full": False}, True),
            ({"collected_at": 200}, {}, False),
            ({"collected_at": 200, "route": "telepathy"}, {"source": "ssh"}, False),
            ({"collected_at": 200}, {"source": "ssh", "collected_at": None}, True),
            ({"collected_at": 200, "observed_at": 50}, {"source": "ssh"}, True),
            ({"collected_at": 200, "classes": ["Host"]}, {"source": "ssh", "classes": ["Endpoint", "Host"]}, False),
            ({"collected_at": 200, "classes": ["Endpoint", "Host"]}, {"source": "ssh"}, True),
            ({"collected_at": 200, "section": "rpm"}, {"source": "ssh", "route": "ssh", "section": "dpkg"}, False),
            ({"collected_at": 200, "section": "rpm"}, {"source": "agent:2", "section": "dpkg"}, False),
            (
                {"collected_at": 200, "section": "dpkg"},
                {"source": "snmp", "route": "snmp", "section": "software"},
                True,
            ),
            ({"collected_at": 200}, {"source": "topology", "route": "derived"}, False),
            ({"collected_at": 200, "route": "manual"}, {"source": "topology", "route": "derived"}, False),
        ],
    )
    def test_who_saw_at_least_as_much_ends_older_claims_of_others(
        self, witness: dict[str, object], other: dict[str, object], may: bool
    ) -> None:
        assert may_withdraw(scope(**witness), scope(**other), "SoftwarePackage") is may


class TestSeals:
    ITEM = Item("I", "Host", None, "", "web", {"name": "wéb", "cpu_count": 2}, b"s", b"", 1, 1)

    @pytest.mark.parametrize(
        "item",
        [
            ITEM,
            replace(ITEM, identifiers=["dmi x", 'odd "'], parent=None),
            replace(ITEM, class_name="Endpoint", parent="P", key='tcp/::/80"\\', attributes={}),
        ],
    )
    def test_what_is_sealed_of_a_ci_is_canonical_json_of_all_that_it_is(self, item: Item) -> None:
        content = json.loads(item_content(item))

        assert item_content(item) == canonical(content)
        assert content.pop("identifiers", []) == item.identifiers
        assert content.pop("parent", None) == item.parent
        assert content == {"attributes": item.attributes, "class": item.class_name, "id": "I", "key": item.key}
        assert item_content(replace(item, text=canonical(item.attributes))) == item_content(item)

    def test_what_is_sealed_of_relations_and_entries_is_canonical_json(self) -> None:
        link = Link("EXPOSES", "A", "B", {"why": "x"}, b"", b"", 1)
        entry = Entry("kind", "key", {"b": 1, "a": [{}]}, 1, b"", b"")

        assert json.loads(link_content(link)) == {
            "attributes": {"why": "x"},
            "object": "B",
            "subject": "A",
            "type": "EXPOSES",
        }
        assert entry_content(entry) == '{"key":"key","kind":"kind","value":{"a":[{}],"b":1}}'

    def test_a_seal_is_sha256_over_salt_and_content(self) -> None:
        assert seal(b"salt", "é") == hashlib.sha256(b"salt" + "é".encode()).digest()

    def test_a_ci_is_listed_by_its_naming_attribute_else_its_key(self) -> None:
        assert item_name("Host", "", {"name": "web"}) == "web"
        assert item_name("Subnet", "default/10.0.0.0/8", {}) == "default/10.0.0.0/8"
        assert item_name("Host", "k", {"name": ""}) == "k"
        assert item_name("NetworkDevice", "", {"vendor": "APC", "product": "AP7902B"}) == "APC AP7902B"
        assert item_name("NetworkDevice", "", {}) == "unnamed NetworkDevice"


class TestRevisions:
    CHANGES: tuple[ChangeRow, ...] = (
        ("created", "ci", "B", None, "01"),
        ("retired", "ci", "A", "02", None),
        ("updated", "link", "A EXPOSES B", "03", "04"),
    )

    def test_the_order_of_changes_does_not_matter(self) -> None:
        found = {revision_digest(REVISION, order) for order in itertools.permutations(self.CHANGES)}

        assert len(found) == 1

    @pytest.mark.parametrize(
        "parts",
        [
            {"number": 8},
            {"committed_at": 1},
            {"source": "x"},
            {"actor": "x"},
            {"cause": "x"},
            {"kind": "x"},
            {"batch": None},
            {"batch_digest": None},
            {"previous": "x"},
        ],
    )
    def test_everything_that_a_revision_says_is_in_its_digest(self, parts: dict[str, object]) -> None:
        other = replace(REVISION, **parts)  # type: ignore[arg-type]

        assert revision_digest(other, self.CHANGES) != revision_digest(REVISION, self.CHANGES)

    @pytest.mark.parametrize("place", range(5))
    def test_everything_of_a_change_is_in_it(self, place: int) -> None:
        row = ["updated", "ci", "A", "01", "02"]
        changed = [*row[:place], "other", *row[place + 1 :]]

        assert revision_digest(REVISION, [tuple(row)]) != revision_digest(REVISION, [tuple(changed)])  # type: ignore[list-item]

    def test_a_change_left_out_shows(self) -> None:
        assert revision_digest(REVISION, self.CHANGES) != revision_digest(REVISION, self.CHANGES[:2])

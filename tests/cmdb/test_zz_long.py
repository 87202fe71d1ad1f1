"""Any order of what several sources say of the same host ends in the same graph; and no failed, not applicable or narrower
section ever ends anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from cmdb.model.batch import Section
from cmdb.model.declaration import Relation
from tests.cmdb.building import (
    Reporter,
    accounts,
    collected,
    depends,
    endpoint,
    failed,
    instance,
    network,
    packages,
    receiver,
    system,
)

SOURCES = {
    "agent:web": ("agent", "full"),
    "ssh:web": ("ssh", "full"),
    "ssh:web as user": ("ssh", "user"),
    "snmp:web": ("snmp", "full"),
    "cmdb.csv": ("import", "full"),
}


@dataclass(frozen=True)
class Look:
    """A pass of one source at a time: what it says of a few things, a digit each, and which section is not collected."""

    source: str
    at: int
    os: int
    packages: frozenset[str]
    users: frozenset[str]
    exposes: int
    addresses: frozenset[str]
    servers: frozenset[str]
    missing: str
    outcome: str


NAMES = st.frozensets(st.sampled_from("abc"), max_size=3)
LOOKS = st.builds(
    Look,
    st.sampled_from(sorted(SOURCES)),
    st.integers(0, 20),
    st.integers(0, 2),
    NAMES,
    NAMES,
    st.integers(0, 2),
    st.frozensets(st.sampled_from(["10.0.0.1", "10.0.0.2"])),
    st.frozensets(st.sampled_from(["10.9.9.1", "10.9.9.2"])),
    st.sampled_from(["", "", "os", "packages", "accounts", "software", "network", "dependencies"]),
    st.sampled_from(["failed", "not_applicable"]),
)


def sections(look: Look) -> list[Section]:
    privilege = SOURCES[look.source][1]
    one, end = instance("nginx"), endpoint(80)
    told = [Relation("EXPOSES", one.ref(), end.ref(), {"why": str(look.exposes)})] if look.exposes else []
    made = [
        system("web", os=str(look.os), **({"kernel": "6.1"} if look.os else {})),
        packages(*sorted(look.packages), version=str(look.os)),
        accounts(*sorted(look.users)),
        collected("software", ["SoftwareInstance", "Endpoint"], [one, end], told, ["EXPOSES"]),
        network(*sorted(look.addresses)),
        depends(*((address, 53) for address in sorted(look.servers))),
    ]
    for section in made:
        section.privilege = privilege
    return [failed(s, "timed out", look.outcome) if s.name == look.missing else s for s in made]


def batches(looks: Sequence[Look]) -> list[bytes]:
    """One batch a look; of a source in the order of time, no two at the same time."""
    made = []
    for source in sorted({look.source for look in looks}):
        reporter = Reporter("web", source=source, route=SOURCES[source][0], privilege=SOURCES[source][1])
        mine = {look.at: look for look in looks if look.source == source}
        made += [reporter.batch(*sections(mine[at]), at=at) for at in sorted(mine)]
    return made


def end_of(order: Sequence[bytes]) -> str:
    with receiver() as cmdb:
        cmdb.now = 100
        for batch in order:
            cmdb.take(batch)
        cmdb.sound()
        return cmdb.natural()


@settings(max_examples=300, deadline=None)
@given(st.lists(LOOKS, min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_any_order_of_what_several_sources_saw_of_a_host_gives_the_same_graph(
    looks: list[Look], chance: object
) -> None:
    made = batches(looks)
    mixed = list(made)
    chance.shuffle(mixed)  # type: ignore[attr-defined]

    assert end_of(mixed) == end_of(made) == end_of([*reversed(made), *mixed])

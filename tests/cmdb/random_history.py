"""Random histories of an estate, for hypothesis: lists of numbers that are read as what happens next."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from cmdb.cabling import SEGMENT
from cmdb.model.values import Value
from tests.cmdb.estate import Estate, id_of

PARTS = ("Endpoint", "FileSystem", "NetworkInterface", "SoftwareInstance", "SoftwarePackage")
LINKS = ("EXPOSES", "TALKS_TO", "DEPENDS_ON", "HAS_ADDRESS")
SUBNETS: tuple[list[str], ...] = (
    ["10.0.1.7/24"],
    ["10.0.1.8/24", "fe80::1/64"],
    ["10.0.2.7/24"],
    ["10.0.1.9/24", "10.0.2.9/24"],
    ["10.0.9.1/32"],
    [],
)

Step = tuple[int, int, int, int]

STEPS: st.SearchStrategy[Step] = st.tuples(st.integers(0, 17), *[st.integers(0, 11)] * 3)
_SKELETON: list[Step] = [
    *((0, host, 0, 0) for host in range(3)),
    *((12, device, 0, 0) for device in range(3)),
    *((2, 3, host, host) for host in range(3)),
    *((13, whole, number, of_device) for whole in range(3) for number in range(2) for of_device in range(2)),
]
WIRED: st.SearchStrategy[list[list[Step]]] = st.lists(
    st.lists(st.tuples(st.sampled_from([10, *range(13, 19), *range(14, 19)]), *[st.integers(0, 11)] * 3), max_size=40),
    min_size=1,
    max_size=2,
).map(lambda history: [[*_SKELETON, *history[0]], *history[1:]])
"""Histories that are rich in links, aggregates, and dependencies of what runs on different hosts."""
HISTORIES: st.SearchStrategy[list[list[Step]]] = st.lists(st.lists(STEPS, max_size=12), min_size=1, max_size=5)


def happen(estate: Estate, steps: Sequence[Step]) -> int:
    """Let the steps happen and commit them as one revision, whose number is returned."""
    for step in steps:
        _happen(estate, *step)
    return estate.commit()


def _happen(estate: Estate, kind: int, a: int, b: int, c: int) -> None:
    hosts = sorted(i for i, item in estate.items.items() if item.class_name == "Host")
    if kind <= 1 or not hosts:
        estate.add("Host", f"host{a % 4}")
        return
    ids = sorted(estate.items)
    links = sorted(estate.links)
    if kind <= 4:
        _part(estate, PARTS[a % len(PARTS)], f"part{b}", hosts[c % len(hosts)])
    elif kind <= 8:
        strength = "soft" if c % 2 else "hard"
        estate.link(ids[a % len(ids)], LINKS[(c // 2) % len(LINKS)], ids[b % len(ids)], strength=strength)
    elif kind == 9 and links:
        estate.unlink(links[a % len(links)])
    elif kind == 10:
        estate.retire(ids[a % len(ids)])
        estate.commit()  # so that what comes back under its id has been away for a revision
    elif kind == 11:
        estate.commit()
    elif kind >= 12:
        _wiring(estate, kind, a, b, c)


def _wiring(estate: Estate, kind: int, a: int, b: int, c: int) -> None:
    """Devices, ports, links and aggregates. Names of interfaces of one host or device differ."""
    wholes = sorted(i for i, item in estate.items.items() if item.class_name in ("Host", "NetworkDevice"))
    hosts = [i for i in wholes if estate.items[i].class_name == "Host"]
    devices = [i for i in wholes if i not in hosts]
    ports = sorted(i for i, item in estate.items.items() if item.class_name == "NetworkInterface")
    runs = sorted(i for i, item in estate.items.items() if item.class_name == "SoftwareInstance")
    if kind == 18 and runs:
        type_name = ("DEPENDS_ON", "DEPENDS_ON", "TALKS_TO")[c % 3]
        estate.link(runs[a % len(runs)], type_name, runs[b % len(runs)], strength="soft" if c % 2 else "hard")
    elif kind == 12 or not devices:
        estate.add("NetworkDevice", f"switch{a % 3}")
    elif kind in (13, 14):
        whole = devices[a % len(devices)] if c % 2 else hosts[a % len(hosts)]
        word = f"{estate.items[whole].name} eth{b % 4}"
        others = [f"{estate.items[whole].name} eth{number}" for number in range(4)]
        attributes: dict[str, Value] = {"addresses": SUBNETS[(a + c) % len(SUBNETS)]}
        if kind == 14 and c % 3 != 2:
            attributes["master" if b % 4 < 2 else "lower"] = (
                others[2 + c // 2 % 2] if b % 4 < 2 else others[: 1 + c % 4]
            )
        if b % 4 >= 2:
            attributes["kind"] = "bond"
        if not (known := estate.items.get(id_of(word))) or known.parent == whole:
            estate.add("NetworkInterface", word, whole, **attributes)
    elif ports:
        ends = [i for i in ports if estate.items[i].parent in devices] + (devices if c % 4 == 0 else [])
        subjects = [i for i in ports if estate.items[i].parent in (hosts if kind != 17 else devices)]
        if ends and subjects:
            type_name = "CONNECTS_TO" if kind == 17 else "LINKED_VIA"
            note = {"note": SEGMENT} if c % 5 == 1 else {}
            estate.link(subjects[a % len(subjects)], type_name, ends[b % len(ends)], **note)


def _part(estate: Estate, class_name: str, word: str, host: str) -> None:
    """A part, new or found again at another host or as another class: that is a retirement and a return."""
    known = next((item for item in estate.items.values() if item.name == word), None)
    if known and (known.parent, known.class_name) != (host, class_name):
        estate.retire(known.id)
        estate.commit()
    estate.add(class_name, word, host)

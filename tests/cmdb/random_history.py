"""Random histories of an estate, for hypothesis: lists of numbers that are read as what happens next."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from tests.cmdb.estate import Estate

PARTS = ("Endpoint", "FileSystem", "NetworkInterface", "SoftwareInstance", "SoftwarePackage")
LINKS = ("EXPOSES", "TALKS_TO", "DEPENDS_ON", "HAS_ADDRESS")

Step = tuple[int, int, int, int]

STEPS: st.SearchStrategy[Step] = st.tuples(*[st.integers(0, 11)] * 4)
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


def _part(estate: Estate, class_name: str, word: str, host: str) -> None:
    """A part, new or found again at another host or as another class: that is a retirement and a return."""
    known = next((item for item in estate.items.values() if item.name == word), None)
    if known and (known.parent, known.class_name) != (host, class_name):
        estate.retire(known.id)
        estate.commit()
    estate.add(class_name, word, host)

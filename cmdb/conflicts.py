"""Conflicts: what of identities people have to decide, kept as versioned entries of kind "conflict".

One conflict is one matter, and grows: ten clones of one image are one conflict that names eleven CIs, not ten conflicts. A
matter is known again by its keys (an identifier that is shared, a claimant and whose identifiers it brings, a subject that
can not land), so what is open, or was resolved for good, does not open twice. A subject in quarantine is a conflict too.

An entry's key is its number as text, from 1 on in the order of opening, and its value
{"number", "fingerprint", "state": "open" | "resolved", "kind", "cis", "identifiers", "source", "reason",
"proposals": [{"name", "text"}]}, and where there is such a thing "subject": {"class", "identifiers"}, "more": true where
not all CIs or identifiers are listed, "dropped" and "resolution".

A source may have MOST_OPEN open conflicts. What it brings beyond these is counted in one conflict of kind "flood", which is
written anew only when the count has doubled; the subjects themselves are not kept. The count, and which matter has which
number, are outside the chain (unversioned), so that a flood makes no history.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from cmdb.decisions import SHARED, fingerprint_of
from cmdb.identify import Disagreement, Identified
from cmdb.model.batch import Header
from cmdb.model.errors import NotFoundError
from cmdb.model.values import canonical, digest
from cmdb.ports import Transaction, View
from cmdb.query import PAGE, limited, listed, offset, offset_cursor
from cmdb.states import Entry

KIND = "conflict"
MATTER = "conflict_matter"
"""Unversioned, by the digest of a matter's key: {"number"}."""
SOURCE = "conflict_source"
"""Unversioned, by source: {"open", "dropped", "flood": number}."""
NUMBERS = "conflict_numbers"

MOST_OPEN = 100
MOST_CIS = 50
MOST_IDENTIFIERS = 20
MOST_CANDIDATES = 10
LONGEST = 300
LOOKED_UP = 500
"""Conflicts that are looked up at once."""

Document = dict[str, Any]


def entries_of(tx: Transaction, header: Header, id_: str, found: Identified) -> list[Entry]:
    """What a batch brings of conflicts: entries that open or grow, and identifiers that are proven to be shared.

    `id_` is the subject's CI, empty where it is quarantined. What is on record already brings nothing. To be called once a
    batch can not be refused any more: it counts.
    """
    keeping = _Keeping(tx, header)
    for matter in _matters(found):
        number = keeping.enter(matter, id_)
        if matter.kind == "shared":
            cis = sorted({*matter.cis, *([id_] if id_ else [])})[:MOST_CIS]
            keeping.share(matter.identifiers, cis, number)
    return keeping.entries()


def registered(
    view: View, every: bool = False, at: int | None = None, cursor: str | None = None, limit: int = PAGE
) -> Document:
    """A page of conflicts as the contract's list, in the order of their numbers: those that are open, or all. `ways` of each
    are the names of its proposals; the total is told where all are on one page."""
    size = limited(limit)
    rows = list(islice(_behind(view, offset(cursor), every, at), size + 1))
    page, more = rows[:size], len(rows) > size
    total = None if more or cursor is not None else len(page)
    return listed(view, at, page, total, offset_cursor(int(page[-1]["number"])) if more else None)


def _behind(view: View, place: int, every: bool, at: int | None) -> Iterator[Document]:
    """Conflicts with a number above `place`, in order; looked up some at a time, since those that are resolved stay for
    ever."""
    while entries := view.entries(KIND, at, [str(number) for number in range(place + 1, place + 1 + LOOKED_UP)]):
        for entry in sorted(entries, key=lambda e: int(e.key)):
            if every or entry.value["state"] == "open":
                row = {name: v for name, v in _document(entry).items() if name not in ("subject", "proposals")}
                yield {**row, "ways": [p["name"] for p in entry.value["proposals"]]}
        place += LOOKED_UP


def show(view: View, number: str, at: int | None = None) -> Document:
    """A conflict with its proposals and the CIs that it names. Raises NotFoundError."""
    found = _document(entry_of(view, number, at))
    states = view.last_states([ci["id"] for ci in found["cis"]]) if found["cis"] else {}
    for ci in found["cis"]:
        state = states.get(ci["id"])
        ci["class"], ci["name"] = (state.class_name, state.name) if state else (None, None)
        ci["state"] = "unknown" if state is None else "retired" if state.until is not None else "current"
    return found


def entry_of(view: View, number: str, at: int | None = None) -> Entry:
    """The entry of a conflict. Raises NotFoundError."""
    key = number.strip().lstrip("#")
    found = view.entry(KIND, key, at) if key.isascii() and key.isdigit() and len(key) <= 15 else None
    if found is None:
        raise NotFoundError(f"There is no conflict {number!r:.40}; `conflict list --all` lists them.", number=number)
    return found


def closed(tx: Transaction, entry: Entry, resolution: Mapping[str, Any], forget: bool) -> Entry:
    """The entry of an open conflict once it is resolved. With `forget` the same matter may open anew one day."""
    value = dict(entry.value)
    standing = _standing(tx, value["source"])
    if value["kind"] == "flood":
        standing |= {"dropped": 0, "flood": 0}
    else:
        standing["open"] = max(standing["open"] - 1, 0)
    tx.put_unversioned(SOURCE, digest(value["source"]), standing)
    if forget:
        for key in value["matters"]:
            tx.remove_entry_value(MATTER, key)
    return Entry(KIND, entry.key, {**value, "state": "resolved", "resolution": dict(resolution)}, 0, b"", b"")


class _Keeping:
    """The conflicts that one batch opens or lets grow."""

    def __init__(self, tx: Transaction, header: Header) -> None:
        self._tx = tx
        self._header = header
        self._source = header.source
        self._values: dict[str, dict[str, Any]] = {}
        self._shared: dict[str, Entry] = {}

    def entries(self) -> list[Entry]:
        found = [Entry(KIND, key, value, 0, b"", b"") for key, value in self._values.items()]
        return [*found, *self._shared.values()]

    def enter(self, matter: Disagreement, id_: str) -> int:
        """The number of the conflict that has this matter, 0 where the source has too many."""
        cis = sorted({*matter.cis, *([id_] if id_ else [])})
        keys = list(_keys(matter, id_, self._header))
        numbers = sorted({n for n in map(self._known, keys) if n})
        if not numbers:
            return self._open(matter, id_, cis, keys)
        found = {n: v for n in numbers if (v := self._value(n)) is not None and v["state"] == "open"}
        if not found:
            return numbers[0]
        first, *others = found.values()
        for other in others:
            self._join(first, other)
        self._grow(first, cis, matter.identifiers, keys)
        return int(first["number"])

    def _join(self, value: dict[str, Any], other: dict[str, Any]) -> None:
        """Two conflicts turn out to be one matter: the older goes on with all that the other had."""
        number = {"number": value["number"]}
        for key in other["matters"]:
            self._tx.put_unversioned(MATTER, key, number)
        self._grow(value, other["cis"], other["identifiers"], other["matters"])
        self.share(other["identifiers"], value["cis"], value["number"], anew=True)
        entry = Entry(KIND, str(other["number"]), other, 0, b"", b"")
        resolution = {"as": "joined", "into": value["number"], "reason": f"It is one matter with {value['number']}."}
        self._values[entry.key] = closed(self._tx, entry, resolution, forget=False).value

    def share(self, identifiers: Iterable[str], cis: list[str], number: int, anew: bool = False) -> None:
        """Have it on record that these are shared; `anew` for those of which it is, in another conflict."""
        for identifier in identifiers:
            if (self._tx.entry(SHARED, identifier) is not None) is anew:
                value = {"cis": cis, "conflict": number}
                self._shared[identifier] = Entry(SHARED, identifier, value, 0, b"", b"")

    def _known(self, key: str) -> int:
        found = self._tx.unversioned(MATTER, key)
        return int(found["number"]) if found else 0

    def _value(self, number: int) -> dict[str, Any] | None:
        if str(number) in self._values:
            return self._values[str(number)]
        entry = self._tx.entry(KIND, str(number))
        return dict(entry.value) if entry else None

    def _open(self, matter: Disagreement, id_: str, cis: list[str], keys: list[str]) -> int:
        standing = _standing(self._tx, self._source)
        if standing["open"] >= MOST_OPEN:
            self._drop(standing)
            return 0
        standing["open"] += 1
        self._tx.put_unversioned(SOURCE, digest(self._source), standing)
        number = self._number()
        value: dict[str, Any] = {
            "number": number,
            "fingerprint": fingerprint_of(self._header) if not id_ else keys[0],
            "state": "open",
            "kind": matter.kind,
            "cis": [],
            "identifiers": [],
            "matters": [],
            "source": self._source,
            "reason": matter.reason[: 3 * LONGEST],
            "proposals": [],
        }
        if not id_ and matter.kind in ("bridge", "quarantine"):
            value["subject"] = {"class": self._header.subject_class, "identifiers": _cut(self._header.marks)}
        self._grow(value, cis, matter.identifiers, keys)
        self._values[str(number)] = value
        return number

    def _grow(self, value: dict[str, Any], cis: Sequence[str], identifiers: Sequence[str], keys: Sequence[str]) -> None:
        before = canonical(value)
        for name, brought, most in (
            ("cis", cis, MOST_CIS),
            ("identifiers", [i[:LONGEST] for i in identifiers], MOST_IDENTIFIERS),
        ):
            both = [*value[name], *(one for one in brought if one not in value[name])]
            value[name] = sorted(both[:most])
            if len(both) > most:
                value["more"] = True
        number = {"number": value["number"]}
        for key in keys:
            if key not in value["matters"] and len(value["matters"]) < MOST_IDENTIFIERS:
                value["matters"] = sorted([*value["matters"], key])
                self._tx.put_unversioned(MATTER, key, number)
        value["proposals"] = proposals(value)
        if canonical(value) != before:
            self._values[str(value["number"])] = value

    def _drop(self, standing: dict[str, Any]) -> None:
        """Count what is not kept; the conflict that says so is written anew when the count has doubled."""
        standing["dropped"] += 1
        count = standing["dropped"]
        if not standing["flood"]:
            standing["flood"] = self._number()
        self._tx.put_unversioned(SOURCE, digest(self._source), standing)
        if count & (count - 1) == 0:
            number = standing["flood"]
            value: dict[str, Any] = {
                "number": number,
                "fingerprint": digest(f"flood {self._source}"),
                "state": "open",
                "kind": "flood",
                "cis": [],
                "identifiers": [],
                "matters": [],
                "source": self._source,
                "reason": f"{self._source[:LONGEST]} has {MOST_OPEN} open conflicts; {count} or more of those that it "
                "brought since were dropped: they are only counted, and nothing of them is kept",
                "dropped": count,
            }
            value["proposals"] = proposals(value)
            self._values[str(number)] = value

    def _number(self) -> int:
        found = self._tx.unversioned(NUMBERS, "newest") or {"number": 0}
        number = int(found["number"]) + 1
        self._tx.put_unversioned(NUMBERS, "newest", {"number": number})
        return number


def proposals(value: Mapping[str, Any]) -> list[dict[str, str]]:
    """What may be done about a conflict, the most likely first: names for `conflict resolve --as`, each with what it does."""
    ids = ", ".join(value["cis"][:MOST_CANDIDATES]) + (" …" if len(value["cis"]) > MOST_CANDIDATES else "")
    what = ", ".join(value["identifiers"][:3]) + (" …" if len(value["identifiers"]) > 3 else "")
    one = f"{ids} are one and become one CI: the oldest keeps its id, the ids of the others lead to it"
    found: list[tuple[str, str]] = []
    if value["kind"] == "shared":
        found = [
            (
                "keep-apart",
                f"They are several machines (clones, a baked image). {what} never identifies anybody again.",
            ),
            ("same", f"{one}, and {what} identifies it again (installed anew, its mainboard replaced)."),
            ("split", f"As keep-apart; and what was matched to one of them by {what} alone becomes a CI of its own."),
        ]
    elif value["kind"] == "foreign":
        found = [
            ("keep-apart", f"{what} stays with the CI that has it; that another one brings it too is known."),
            ("merge", f"{one}."),
        ]
    elif value["kind"] == "contradiction":
        found = [
            ("same", "Both sources look at the same machine, and one of them sees another value."),
            ("split", f"They are two: what {value['source'][:LONGEST]} reports becomes a CI of its own."),
        ]
    elif value["kind"] == "bridge":
        found = [("merge", f"{one}; the subject's next batch lands there.")] if len(value["cis"]) > 1 else []
        found += [(f"assign:{i}", f"The subject is {i}: its next batch lands there.") for i in value["cis"][:10]]
    elif value["kind"] == "quarantine":
        found = [("assign:ID", "The subject is the CI of this id: its next batch lands there.")]
    if value["kind"] in ("bridge", "quarantine"):
        found.append(("new", "It is none that is known: its next batch makes a CI of what nobody else has."))
        found.append(("ignore", "It stays out, and is not asked about again."))
    else:
        found.append(("ignore", "Nothing is done; what is dropped or in doubt stays so."))
    return [{"name": name, "text": text[0].upper() + text[1:]} for name, text in found]


def _matters(found: Identified) -> Iterator[Disagreement]:
    yield from found.disagreements
    if found.quarantine and not any(m.kind in ("bridge", "quarantine") for m in found.disagreements):
        kind: Any = "bridge" if found.candidates else "quarantine"
        yield Disagreement(kind, list(found.candidates), [], found.quarantine)


def _keys(matter: Disagreement, id_: str, header: Header) -> Iterator[str]:
    """Digests by which a matter is known again."""
    if matter.kind == "shared" and matter.identifiers:
        for identifier in matter.identifiers:
            yield digest(f"shared {identifier}")
    elif matter.kind in ("bridge", "quarantine") and not id_:
        yield fingerprint_of(header)
    else:
        yield digest(
            canonical([matter.kind, sorted({*matter.cis, id_}), matter.identifiers, "" if id_ else header.source])
        )


def _standing(tx: Transaction, source: str) -> dict[str, Any]:
    return tx.unversioned(SOURCE, digest(source)) or {"open": 0, "dropped": 0, "flood": 0}


def _cut(marks: Mapping[str, Any]) -> dict[str, Any]:
    """Marks as they are shown: what is long is cut."""
    found: dict[str, Any] = {}
    for name in sorted(marks)[:MOST_IDENTIFIERS]:
        value = marks[name]
        if isinstance(value, list):
            found[name[:LONGEST]] = [str(one)[:LONGEST] for one in value[:MOST_CANDIDATES]]
        else:
            found[name[:LONGEST]] = str(value)[:LONGEST]
    return found


def _document(entry: Entry) -> Document:
    value = {name: v for name, v in entry.value.items() if name not in ("matters", "fingerprint")}
    value["cis"] = [{"id": id_} for id_ in value["cis"]]
    value["since"] = entry.since
    value.setdefault("resolution", None)
    return value

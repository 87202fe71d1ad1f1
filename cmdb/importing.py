"""Import of what people keep elsewhere: each row becomes a batch of the route `import`, about one CI, taken like any other.

A row is about the CI that its `id` names, or that its marks identify, or the only one of its class whose attributes in the
columns named for that are equal. What a row says is all that its source says of the CI. The rows land in one transaction,
each as its own revision where it changes something; a dry run does the very same and rolls it back.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cmdb.aliases import resolve
from cmdb.cells import MARK, ROUTE, SPECIAL, Refused, values
from cmdb.edit import SOURCE as PEOPLE
from cmdb.history import changed
from cmdb.identify import IDENTITY, Identified, identify
from cmdb.model.batch import DOMAIN, Header, Section, decode, encode, section_body
from cmdb.model.checked import shown
from cmdb.model.classes import CLASSES
from cmdb.model.declaration import Declaration, join_key
from cmdb.model.errors import ConflictError, StoreError, UsageError
from cmdb.model.query_language import ClassTerm, FieldTerm, Query
from cmdb.model.text import fold
from cmdb.model.times import now
from cmdb.model.values import Value, canonical, digest, problem
from cmdb.own_attributes import vocabulary
from cmdb.ports import Clock, Randomness, Store, Transaction
from cmdb.states import Item
from cmdb.taking import Sender, Taking
from cmdb.withdrawal import withdraw

SECTION = "import"
MAX_ROWS = 5_000
SHOWN = 1_000
"""Rows of which an answer tells."""
RECORDS = ("ChangeRecord", "IncidentRecord")
_MATCHES = 100

Document = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One row of a file: its place for people, its cells by column, and why it can not be read at all."""

    place: str
    cells: Mapping[str, Any]
    problem: str = ""


@dataclass(frozen=True)
class Wanted:
    """How a file is meant. `columns` renames columns, an empty name leaves one out; `match` are attributes that together find
    the one CI that a row without identifiers is about."""

    source: str
    class_name: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    match: Sequence[str] = ()
    partly: bool = False
    complete: bool = False
    """The file is all that its source says: what is not in it is no longer said."""
    dry_run: bool = False
    expect: str | None = None


class _Undo(Exception):
    """Rolls the transaction back."""


def take(
    store: Store,
    rows: Sequence[Row],
    wanted: Wanted,
    actor: str,
    clock: Clock = now,
    randomness: Randomness = secrets.token_bytes,
    progress: Callable[[int, int], None] | None = None,
) -> Document:
    """Take the rows, all or none, with `partly` those that can be.

    {"source", "dry_run", "landed", "revision", "rows", "created", "updated", "unchanged", "retired", "refused", "digest",
     "items": [{"place", "ci", "class", "name", "outcome", "changes": [{"attribute", "before", "after"}], "reason"}],
     "left_out"}

    `items` are refused rows, then those that change something, the first 1,000. Raises UsageError where the file can not be
    applied at all, ConflictError where `expect`, the digest of a dry run, is another.
    """
    if wanted.complete and wanted.partly:
        raise UsageError(
            "A file that lands only partly is no full witness: --partly and --complete do not go together."
        )
    if (
        not wanted.source
        or len(wanted.source) > 200
        or problem(wanted.source, "str")
        or not wanted.source.isprintable()
    ):
        raise UsageError(f"{shown(wanted.source)} is no name of a source: 1 to 200 printable characters.")
    told: Document = {}
    try:
        with store.transaction() as tx:
            work = _Import(tx, wanted, actor, clock, randomness, store.genesis())
            work.check_source()
            work.check_columns(rows)
            for number, row in enumerate(rows):
                work.row(row)
                if progress is not None:
                    progress(number + 1, len(rows))
            if wanted.complete:
                work.withdraw()
            told = work.told()
            if wanted.expect is not None and wanted.expect != told["digest"]:
                raise ConflictError(
                    "This would not do what was shown: something has changed meanwhile. Look again with --dry-run.",
                    digest=told["digest"],
                )
            told["landed"] = not wanted.dry_run and (wanted.partly or not told["refused"])
            if not told["landed"]:
                raise _Undo
    except _Undo:
        told["revision"] = None
    return told


class _Import:
    """The work on one file, in one transaction."""

    def __init__(
        self, tx: Transaction, wanted: Wanted, actor: str, clock: Clock, randomness: Randomness, genesis: str
    ) -> None:
        self._tx = tx
        self._wanted = wanted
        self._sender = Sender(actor, wanted.source, ROUTE, "import")
        self._clock = clock
        self._randomness = randomness
        self._genesis = genesis
        self._known = vocabulary(tx)
        self._seen: dict[str, str] = {}
        self._items: list[Document] = []
        self._rows = 0
        self._started = tx.head().number

    def check_source(self) -> None:
        """Raises UsageError for a source that speaks in another way: its words are not this file's to replace or to end."""
        source = self._wanted.source
        others = (scope.route for scope in self._tx.scopes_from(source) if scope.route != ROUTE)
        other = "manual" if source == PEOPLE else next(others, None)
        if other is not None:
            raise UsageError(
                f"{shown(source)} is the name of a source of the route {other}; an import needs one of its own: --source NAME."
            )

    def check_columns(self, rows: Sequence[Row]) -> None:
        """Raises UsageError for columns that mean nothing, so that none is lost in silence."""
        columns = {column for row in rows for column in row.cells}
        strange = sorted({*self._wanted.columns} - columns)
        if strange:
            raise UsageError(f"There is no column {shown(strange[0])} to be renamed.")
        names = {name for name in map(self._name, columns) if name}
        every = {n for c in CLASSES for n in (*self._known.attributes(c), *CLASSES[c].marks)}
        unknown = sorted(n for n in names if n not in every and n not in SPECIAL and n.removeprefix(MARK) not in every)
        if unknown:
            raise UsageError(
                f"No attribute or mark is called {', '.join(map(shown, unknown[:5]))}: rename the column (--map "
                f"'{unknown[0]:.40}=NAME'), leave it out (--map '{unknown[0]:.40}='), or declare it (`attribute add`).",
                columns=unknown[:50],
            )
        if len(names) < len([c for c in columns if self._name(c)]):
            raise UsageError("Two columns mean the same attribute; leave one of them out with --map 'COLUMN='.")

    def row(self, row: Row) -> None:
        """Take one row; why it can not be is kept with its place."""
        self._rows += 1
        told: Document = {"place": row.place, "ci": None, "class": None, "name": None, "changes": [], "reason": ""}
        try:
            if row.problem:
                raise Refused(row.problem)
            self._apply(row, told)
        except (Refused, UsageError) as error:
            told.update(outcome="refused", reason=getattr(error, "message", None) or str(error), changes=[])
        self._items.append(told)

    def withdraw(self) -> None:
        """End what the source said of CIs that no row is about; nothing where a row is refused, since which CI that one is about
        is not known."""
        if any(item["outcome"] == "refused" for item in self._items):
            return  # Nothing of the file lands, or only with --partly, which is no full witness.
        reason = f"no longer in {self._wanted.source}"
        done = withdraw(
            self._tx, self._wanted.source, set(self._seen), self._sender.actor, reason, self._randomness, self._clock
        )
        for item, after in done.left:
            self._gone(item, "updated", after)
        for item in done.retired:
            self._gone(item, "retired", {})

    def _gone(self, item: Item, outcome: str, after: Mapping[str, Value]) -> None:
        rows = [{"attribute": n, "before": b, "after": a} for n, b, a in changed(item.attributes, after)]
        told = {"place": "not in the file", "ci": item.id, "class": item.class_name, "name": item.name, "reason": ""}
        self._items.append(
            {**told, "outcome": outcome if rows or outcome == "retired" else "unchanged", "changes": rows}
        )

    def told(self) -> Document:
        counts = dict.fromkeys(("created", "updated", "unchanged", "retired", "refused"), 0)
        for item in self._items:
            counts[item["outcome"]] += 1
        worth = [i for i in self._items if i["outcome"] == "refused"]
        worth += [i for i in self._items if i["outcome"] in ("created", "updated", "retired")]
        head = self._tx.head().number
        shows = [[i["place"], i["ci"], i["outcome"], i["class"], i["reason"], i["changes"]] for i in worth]
        return {
            "source": self._wanted.source,
            "dry_run": self._wanted.dry_run,
            "landed": False,
            "revision": head if head > self._started else None,
            "rows": self._rows,
            **counts,
            "digest": digest(canonical(shows)),
            "items": worth[:SHOWN],
            "left_out": max(0, len(worth) - SHOWN),
        }

    def _apply(self, row: Row, told: Document) -> None:
        cells = {
            name: value
            for column, value in row.cells.items()
            if (name := self._name(column)) and value is not None and not (isinstance(value, str) and not value.strip())
        }
        declared = self._class(cells)
        told["class"] = declared.name
        domain = str(cells.get("domain", "default"))
        if not DOMAIN.match(domain):
            raise Refused(f"{shown(domain)} is no routing domain")
        attributes, marks = values(cells, declared, self._known)
        told["name"] = attributes.get(declared.name_from)
        time = self._clock()
        found = self._identified(cells, declared, attributes, marks, domain, time)
        if found.id is not None and found.id in self._seen:
            raise Refused(f"it is about the same CI as {self._seen[found.id]}")
        standing = self._tx.scopes_of(self._wanted.source, found.id) if found.id else {}
        last = max((scope.sequence for scope in standing.values()), default=-1)
        header = Header(
            id=f"import-{self._randomness(16).hex()}",
            source=self._wanted.source,
            route=ROUTE,
            sequence=max(time, last + 1),
            observed_at=time,
            subject_class=declared.name,
            marks=marks,
            domain=domain,
        )
        bodies = section_body([{"class": declared.name, "attributes": attributes}], [])
        section = Section(
            SECTION, 1, [declared.name], [], "full", "collected", "", {}, [digest(b) for b in bodies], list(bodies)
        )
        batch = decode(b"".join(encode(header, [section])))
        taking = Taking(self._tx, batch, self._sender, time, self._randomness, self._genesis, identified=found)
        receipt = taking.run()
        for line in receipt["sections"]:
            if line["outcome"] == "refused":
                # Part of the row is written by now, so nothing of the file may stay.
                raise StoreError(f"{row.place}: {line['problem']['title']}; nothing of the file has landed.")
        self._seen[receipt["ci"]] = row.place
        created = taking.draft.created.get(receipt["ci"])
        pair = taking.draft.updated.get(receipt["ci"])
        now_is = created or (pair[1] if pair else None) or self._tx.items([receipt["ci"]]).get(receipt["ci"])
        told["ci"] = receipt["ci"] if found.id else None
        told["name"] = now_is.name if now_is is not None else told["name"]
        told["outcome"] = "created" if created else "updated" if pair else "unchanged"
        before = pair[0].attributes if pair else {}
        after = created.attributes if created else pair[1].attributes if pair else {}
        told["changes"] = [{"attribute": n, "before": b, "after": a} for n, b, a in changed(before, after)]

    def _identified(
        self,
        cells: Mapping[str, Any],
        declared: Declaration,
        attributes: Mapping[str, Value],
        marks: dict[str, Any],
        domain: str,
        time: int,
    ) -> Identified:
        if "id" in cells:
            written = str(cells["id"]).strip().upper()
            id_ = resolve(self._tx, written)
            item = self._tx.items([id_]).get(id_)
            if item is None or item.class_name != declared.name:
                raise Refused(f"there is no {declared.name} {shown(written)}")
            other = (
                []
                if declared.marks
                else [n for n in declared.key if attributes.get(n, item.attributes.get(n)) != item.attributes.get(n)]
            )
            if other:
                raise Refused(
                    f"{other[0]} tells a {declared.name} apart and can not become another: {item.id} has "
                    f"{shown(item.attributes.get(other[0]))}"
                )
            return self._known_one(item)
        if not declared.marks:
            key = join_key([attributes.get(name, "") for name in declared.key])
            if any(name not in attributes for name in declared.key):
                raise Refused(f"a {declared.name} needs {', '.join(declared.key)}")
            key = f"{domain}/{key}" if declared.in_domain else key
            marks["key"] = key
            ids = self._tx.identified([f"{declared.name} {key}"]).get(f"{declared.name} {key}", [])
            return Identified(ids[0] if ids else None, [f"{declared.name} {key}"])
        found = identify(self._tx, declared.name, marks, self._wanted.source, domain, time, 3600)
        if not found.quarantine:
            return found
        if not self._wanted.match or found.candidates:
            raise Refused(
                f"{found.quarantine}; give an id or identifiers"
                + ("" if found.candidates else ", or name columns that find one CI with --match")
            )
        return self._known_one(self._matched(declared, attributes))

    def _matched(self, declared: Declaration, attributes: Mapping[str, Value]) -> Item:
        """The only CI whose attributes equal those of the row. Raises Refused where it is none, or several."""
        wanted = {name: attributes.get(name) for name in self._wanted.match}
        lacking = [name for name, value in wanted.items() if not isinstance(value, (str, int))]
        if lacking:
            raise Refused(f"it has no {', '.join(lacking)} to be matched by")
        terms = [FieldTerm(name, "=", _asked(value)) for name, value in wanted.items()]
        page = self._tx.find(Query((ClassTerm(declared.name), *terms), "", self._known), None, None, _MATCHES)
        items = [i for i in page.items if all(i.attributes.get(n) == v for n, v in wanted.items())]
        told = ", ".join(f"{n} {shown(v)}" for n, v in wanted.items())
        if len(items) != 1 or page.next is not None:
            what = "none is there" if not items else f"there are several: {', '.join(i.id for i in items[:5])}"
            raise Refused(f"a {declared.name} with {told} was looked for, and {what}")
        return items[0]

    def _known_one(self, item: Item) -> Identified:
        """A CI that the row names: its source goes on to claim the identifiers that it claimed before, and no others."""
        standing = self._tx.scopes_of(self._wanted.source, item.id)
        number = standing[IDENTITY].number if IDENTITY in standing else None
        mine = [c.identifiers for c in self._tx.claims([item.id]) if c.scope == number]
        return Identified(item.id, sorted({i for each in mine for i in each}), standing=standing)

    def _class(self, cells: Mapping[str, Any]) -> Declaration:
        written = str(cells.get("class", self._wanted.class_name or ""))
        name = next((n for n in CLASSES if fold(n) == fold(written)), None)
        if not written:
            raise Refused("of which class? Name it with --class, or in a column class")
        if name is None or name in RECORDS:
            raise Refused(f"{shown(written)} is no class that can be imported")
        if CLASSES[name].parents:
            raise Refused(f"a {name} is a part of a {CLASSES[name].parents[0]}; say something of it with `ci set`")
        return CLASSES[name]

    def _name(self, column: str) -> str:
        return self._wanted.columns.get(column, column).strip()


def _asked(value: Value | None) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)

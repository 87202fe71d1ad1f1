"""Is the store what its revisions say? Every digest made again from what is kept, revision by revision.

A state's digest covers its salt and content, a revision's the digests of all states that it ended and began and the digest
of the revision before it (reconcile.py). So a value, a state, a change or a revision that was altered, added or taken away
shows, unless everything after it was made again too; against that only an anchor outside the store helps.
"""

from __future__ import annotations

from collections.abc import Iterator

from cmdb.ports import View
from cmdb.reconcile import ChangeRow, entry_content, item_content, link_content, revision_digest, seal
from cmdb.states import Change, Entry, Item, Link, Revision

PAGE = 1000
BEYOND = 2**62


def verify_chain(view: View) -> Iterator[str]:
    """What differs, oldest first, each a sentence that names the place; nothing where all is as it was written.

    Holds no more than one revision's changes in memory.
    """
    head = view.head()
    previous, number, committed_at = "", 0, 0
    yield from _outside(view, -BEYOND, 0, "before the first revision")
    while page := view.revisions(number, PAGE):
        for revision in page:
            number += 1
            at = f"revision {revision.number}"
            if revision.number != number:
                yield f"{at} follows on revision {number - 1}: what is between them is missing"
                number = revision.number
            if revision.previous != previous:
                yield f"{at} was made on {_short(revision.previous)}, but the revision before it is {_short(previous)}"
            if revision.committed_at <= committed_at:
                yield f"{at} was committed at {revision.committed_at}, not after the one before it"
            yield from _changes(view, revision)
            previous, committed_at = revision.digest, revision.committed_at
    if (head.number, head.committed_at, head.digest) != (number, committed_at, previous):
        yield f"the head is revision {head.number} ({_short(head.digest)}), the last one is {number} ({_short(previous)})"
    yield from _outside(view, max(number, head.number), BEYOND, f"after revision {number}, the last one")


def _changes(view: View, revision: Revision) -> Iterator[str]:
    number = revision.number
    changed = view.changed(number - 1, number)
    cis = {id_ for kind, _, id_ in changed if kind == "ci"}
    ends = {id_.split(" ")[0] for kind, _, id_ in changed if kind == "link"}
    items = view.items(cis, number - 1), view.items(cis, number)
    links = _by_id(view.links(ends, number - 1)), _by_id(view.links(ends, number))
    rows: list[ChangeRow] = []
    for kind, op, id_ in changed:
        at = f"revision {number}: {kind} {id_}"
        before: Item | Link | Entry | None
        after: Item | Link | Entry | None
        if kind == "ci":
            before, after = items[0].get(id_), items[1].get(id_)
            if before is None and after is not None and after.born != number:
                before = _returned(view, id_, number)
        elif kind == "link":
            before, after = links[0].get(id_), links[1].get(id_)
        else:
            name = id_.split(" ", 1)
            before, after = view.entry(name[0], name[1], number - 1), view.entry(name[0], name[1], number)
        if op != "retired" and after is not None and _digest(after) != after.digest:
            yield f"{at}: the state since then is not what was written"
        rows.append(_row(kind, op, id_, before, after))
    if len(rows) != revision.changes:
        yield f"revision {number} made {revision.changes} changes, {len(rows)} are there"
    made = revision_digest(revision, rows)
    if made != revision.digest:
        yield f"revision {number}: its digest is {_short(revision.digest)}, its changes give {_short(made)}"


def _row(
    kind: str, op: Change, id_: str, before: Item | Link | Entry | None, after: Item | Link | Entry | None
) -> ChangeRow:
    was = before.digest.hex() if before is not None and (op != "created" or kind == "ci") else None
    return op, kind, id_, was, after.digest.hex() if after is not None and op != "retired" else None


def _returned(view: View, id_: str, number: int) -> Item | None:
    """The last state of a CI before it came back."""
    return next((s for s in reversed(view.history(id_)) if s.until is not None and s.until < number), None)


def _outside(view: View, after: int, until: int, when: str) -> Iterator[str]:
    for kind, op, id_ in view.changed(after, until):
        yield f"{kind} {id_} is said to be {op} {when}"


def _digest(state: Item | Link | Entry) -> bytes:
    if isinstance(state, Item):
        return seal(state.salt, item_content(state))
    return seal(state.salt, link_content(state) if isinstance(state, Link) else entry_content(state))


def _by_id(links: list[Link]) -> dict[str, Link]:
    return {f"{link.subject} {link.type} {link.object}": link for link in links}


def _short(digest: str) -> str:
    return digest[:16] or "nothing"

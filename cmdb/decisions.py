"""What people decided of subjects that could not land: entries of kind "decision" by the subject's fingerprint.

{"as": "assign", "ci": id}, its batches land at that CI; {"as": "new"}, its next batch makes a new CI, and with that the
decision becomes an assignment to it, since a subject without identifiers would not be known again.
"""

from __future__ import annotations

from cmdb import aliases
from cmdb.identify import Identified
from cmdb.model.batch import Header
from cmdb.model.identity import compose
from cmdb.model.values import canonical, digest
from cmdb.ports import Transaction
from cmdb.states import Entry

KIND = "decision"
SHARED = "shared_identifier"


def fingerprint_of(header: Header) -> str:
    """What a subject that can not land is known by: 64 hex digits of its source, class and marks."""
    return digest(canonical([header.source, header.subject_class, dict(header.marks)]))


def applied(tx: Transaction, header: Header, found: Identified) -> Identified:
    """The outcome for a quarantined subject once people's decision of it counts; as it is where there is none.

    It keeps the identifiers that no other CI has and that are not shared.
    """
    decision = tx.entry(KIND, fingerprint_of(header))
    if decision is None:
        return found
    id_ = aliases.resolve(tx, decision.value["ci"]) if decision.value["as"] == "assign" else None
    brought = sorted({i for rank in compose(header.subject_class, header.marks) for i in rank})
    hits = tx.identified(brought)
    kept = [i for i in brought if hits.get(i, [id_]) == [id_] and tx.entry(SHARED, i) is None]
    return Identified(id_, kept, "a decision of people", found.tried)


def became(tx: Transaction, header: Header, id_: str) -> list[Entry]:
    """The decision that is left once a subject landed at this CI."""
    key = fingerprint_of(header)
    decision = tx.entry(KIND, key)
    if decision is None or decision.value["as"] != "new":
        return []
    return [Entry(KIND, key, {"as": "assign", "ci": id_}, 0, b"", b"")]

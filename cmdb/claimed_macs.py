"""Whether a host and a network device are one machine, or the host only brings MACs that it has seen of the device.

Source: identifiers that claims have (identity.is_machine_of says how many MACs it takes). People who said that the two are one
are believed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from cmdb.aliases import reconciled
from cmdb.model.identity import is_machine_of
from cmdb.ports import Transaction
from cmdb.states import Claim, Item


def only_claimed(
    tx: Transaction, class_name: str, brought: Sequence[str], known: Item | None, claims: Iterable[Claim]
) -> bool:
    """True where a subject and a known CI, one of them a host and the other a device, would become one by a few MACs, which
    whoever has seen them can bring."""
    classes = class_name, known.class_name if known is not None else ""
    theirs = [i for c in claims for i in c.identifiers]
    if known is None or sorted(classes) != ["Host", "NetworkDevice"]:
        return False
    one = is_machine_of(brought, theirs) if class_name == "Host" else is_machine_of(theirs, brought)
    return not one and not reconciled(tx, known.id, brought)


def itself(tx: Transaction, brought: Sequence[str], devices: Collection[str]) -> set[str]:
    """Of several devices whose MACs a host brings the one that it is; none where it has but a few of each, or is several."""
    claims: dict[str, list[Claim]] = {}
    for claim in tx.claims(sorted(devices)):
        claims.setdefault(str(claim.target), []).append(claim)
    states = tx.last_states(sorted(devices))
    found = {id_ for id_ in devices if not only_claimed(tx, "Host", brought, states.get(id_), claims.get(id_, ()))}
    return found if len(found) == 1 else set()

"""What records of sweeps (sweeps.py) tell of a value that is to be erased, and what later ones may not tell again.

Targets of a sweep tell of a machine where they ended as that CI, or as none and its source for that address reports the machine.
The words of their end (reason, remedy) and what answered there (SSH version, host key, algorithms) lose the value. What people
asked for, the plan, stays. Records are outside the chain, so nothing is sealed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

from cmdb import aliases
from cmdb.ports import View
from cmdb.redacted import MARK, Withheld
from cmdb.states import SweepRecord, SweepTarget

PAGE = 1000
TELLING = ("reason", "remedy", "ssh_version", "host_key", "weak")
"""Members of a target's end that hold words of hosts, or of us about them."""

Blot = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Machine:
    """A whole, also as what it was before a merge, and the sources that report it."""

    wholes: frozenset[str]
    sources: frozenset[str]

    def is_of(self, record: SweepRecord, target: SweepTarget) -> bool:
        """Whether a target of that sweep tells of it."""
        ci = target.value.get("result", {}).get("ci")
        return ci in self.wholes if ci else source(record, target) in self.sources

    @property
    def holding(self) -> list[str]:
        """Texts, of which each target that tells of it holds one."""
        addresses = {_address(one.rpartition("@")[2]) for one in self.sources if "@" in one}
        return sorted({*self.wholes, *addresses})


@dataclass(slots=True)
class Ends:
    """Targets without the value, and what they lost: (subject, member) to be withheld."""

    targets: list[SweepTarget] = field(default_factory=list)
    members: list[list[str]] = field(default_factory=list)


Looked = Mapping[str, tuple[SweepRecord, list[int]]]
"""By sweep its record when it was looked through, and numbers of its targets that tell of the machine."""


def machine(view: View, subject: str) -> Machine:
    return Machine(frozenset(aliases.sides(view, subject)), frozenset(scope.source for scope in view.scopes(subject)))


def look(
    opened: Callable[[], AbstractContextManager[View]], of: Machine, before: Looked | None = None
) -> dict[str, Any]:
    """Look through all sweeps (Looked), each page of them in a view of its own; those that stand as before are not read."""
    found: dict[str, tuple[SweepRecord, list[int]]] = {}
    number: int | None = None
    while True:
        with opened() as view:
            page = view.sweeps(number, PAGE // 10)
            for record in page:
                known = (before or {}).get(record.id)
                same = known is not None and known[0] == record
                found[record.id] = known if known and same else (record, _numbers(view, record, of))
        if not page:
            return found
        number = page[-1].number


def without(view: View, looked: Looked, blot: Blot, subject: str) -> Ends:
    """The targets that tell the value, without it."""
    ends = Ends()
    members = set()
    for sweep, (_, numbers) in looked.items():
        for number in numbers:
            for target in view.sweep_targets(sweep, number - 1, 1):
                result = target.value.get("result", {})
                clean = {name: _clean(result[name], blot) for name in TELLING if name in result}
                lost = {name for name, value in clean.items() if value != result[name]}
                if target.number == number and lost:
                    ends.targets.append(replace(target, value={**target.value, "result": {**result, **clean}}))
                    members |= lost
    ends.members = [[subject, name] for name in sorted(members)]
    return ends


def told(withheld: Withheld, result: dict[str, Any]) -> dict[str, Any]:
    """The end of a target as it may be kept: the mark in the place of what is withheld of its CI."""
    ci = result.get("ci") or ""
    names = set(withheld.ends.get(ci, ()))
    if withheld.reasons.get(ci, frozenset()) & set(result.get("sections_failed", ())):
        names.add("reason")
    marked = {name: [MARK] if isinstance(result[name], list) else MARK for name in names if result.get(name)}
    return {**result, **marked}


def source(record: SweepRecord, target: SweepTarget) -> str:
    """As what the target reports: the sweep's own source, that of its zone where it is another, at the address and port."""
    own, zone = str(record.value.get("source", "")), str(record.value.get("zone", "default"))
    plan = target.value.get("plan", {})
    theirs, address = str(plan.get("zone", "default")), str(plan.get("address", ""))
    if theirs != zone:
        own = own.removesuffix(f":{zone}") + ("" if theirs == "default" else f":{theirs}")
    host = f"[{address}]" if ":" in address else address
    return f"{own}@{host}:{plan.get('port', 22)}"


def _numbers(view: View, record: SweepRecord, of: Machine) -> list[int]:
    return [target.number for target in _targets(view, record.id, of.holding) if of.is_of(record, target)]


def _targets(view: View, sweep: str, holding: list[str]) -> Iterator[SweepTarget]:
    after = 0
    while page := view.sweep_targets(sweep, after, PAGE, None, holding):
        yield from page
        after = page[-1].number


def _address(endpoint: str) -> str:
    return endpoint.rpartition(":")[0].strip("[]")


def _clean(value: Any, blot: Blot) -> Any:
    if isinstance(value, list):
        return [_clean(each, blot) for each in value]
    return blot(value) if isinstance(value, str) else value

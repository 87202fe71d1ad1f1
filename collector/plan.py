"""What a sweep would do: every target with how it is reached, what is refused and why, what of the input was not used.

To make it names are looked up by the system's resolver, since permitted ranges and exclusions are of addresses; nothing
is connected to. Names behind a jump host are not looked up: that host will.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cmdb.model.checked import shown
from cmdb.model.errors import UsageError
from collector import resolution
from collector.inventory.files import load
from collector.inventory.listed import Inventory
from collector.joining import Located, joined
from collector.outcome import FAILED, TIMED_OUT, UNREACHABLE, TargetOutcome
from collector.permitted import Excluded, Permitted
from collector.resolution import Resolved, resolve
from collector.scope import is_zone
from collector.spans import Span, span_of
from collector.ssh_config import SshConfig
from collector.target import PORTS, SSH, Hop, Target
from collector.targets import MOST_TARGETS, Expression, address_of, matches, parse
from collector.ways import Ways, forbidden, led
from collector.wish import Wish, Wishes, configure, counted, not_permitted

MOST_WORDS = 100_000

Divide = Callable[[Sequence[Target]], tuple[list[Target], list[TargetOutcome], list[str]]]
"""By which protocols targets are asked: the targets, those that can not be asked, what is to be said."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Plain values that can be pickled. `targets` are in the order in which they were named, each address once.

    `refused` are hosts that will not be gone to: outside of the permitted ranges, without an address, or written so that
    it can not be read. `ignored` are sentences about what of the input is not used, `notes` about what was made of it.
    `looked_up` is how many names were.
    """

    targets: tuple[Target, ...]
    refused: tuple[TargetOutcome, ...] = ()
    ignored: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    looked_up: int = 0

    def document(
        self, credentials: Callable[[Target], Sequence[str]] = lambda target: target.credentials
    ) -> dict[str, Any]:
        """The plan as `sweep --dry-run --json` prints it; `credentials` gives the names of those that a target gets."""
        return {
            "targets": [
                {
                    "target": target.name,
                    "address": target.address,
                    "alternatives": list(target.alternatives),
                    "protocol": target.protocol,
                    "port": target.port,
                    "zone": target.zone,
                    "user": target.user or None,
                    "credentials": list(credentials(target)),
                    "jumps": [_hop_document(hop) for hop in target.jumps],
                    "origin": target.origin,
                }
                for target in self.targets
            ],
            "refused": [outcome.document() for outcome in self.refused],
            "ignored": list(self.ignored),
            "notes": list(self.notes),
            "names_looked_up": self.looked_up,
        }


def plan(
    words: Sequence[str],
    *,
    inventories: Sequence[str] = (),
    ssh_config: SshConfig | Path | None = None,
    ranges: Sequence[str] | None = None,
    permit: Sequence[str] = (),
    exclude: Sequence[str] = (),
    zone: str = "default",
    port: int | None = None,
    user: str = "",
    way: Callable[[Target], Target] | None = None,
    divide: Divide | None = None,
    default_port: int = PORTS[SSH],
    most: int = MOST_TARGETS,
    seconds: float = resolution.SECONDS,
    look: resolution.Look = resolution.look_up,
    progress: Callable[[int], None] | None = None,
) -> Plan:
    """The plan for expressions of targets and inventory files (PATH or PATH:GROUP).

    `ranges` are the permitted ranges of the settings (None: what is nobody's on the Internet), `permit` more of them,
    `exclude` expressions that are left out. `port` and `user` are for targets that say none; they count before what the
    OpenSSH configuration says. `zone` is that of targets that say none. `way` gives targets without jump hosts those of
    their credential, which have to be permitted as well; `divide` says by which protocols each is asked, and `default_port`
    is for those of which nothing says a port. `most` bounds the targets, `seconds` each look-up.
    Raises UsageError for what can not be read, for too many targets, and for an exclusion that names nothing.
    """
    if not is_zone(zone):
        raise UsageError(f"{shown(zone)} is no name of a zone: letters, digits, dots, _ and -.")
    if len(words) + len(exclude) > MOST_WORDS:
        raise UsageError(
            f"{len(words) + len(exclude)} targets are named; at most {MOST_WORDS} are taken: use an inventory."
        )
    config = SshConfig.load(ssh_config) if isinstance(ssh_config, Path) else ssh_config
    files = [load(inventory) for inventory in inventories]
    found = [parse(word) for word in words]
    wanted = [one for one in found if not one.excludes]
    exclusions = [one for one in found if one.excludes]
    exclusions += [parse(word, excludes=True) for word in exclude]
    exclusions += [one for file in files for one in file.exclusions]
    counted([*wanted, *(host.host for file in files for host in file.hosts if host.host is not None)], most)
    maker = _Maker(Permitted(ranges, permit), exclusions, config, zone, default_port)
    wishes = maker.wishes(wanted, files)
    known = resolve(maker.names(wishes), seconds=seconds, look=look, progress=progress)
    made = maker.plan(wishes, known, [line for file in files for line in file.ignored], port, user)
    if divide is not None:
        parted, not_asked, notes = divide(made.targets)
        made = replace(made, targets=tuple(parted), refused=(*made.refused, *not_asked), notes=(*made.notes, *notes))
    if way is None:
        return made
    targets, refused = led(made.targets, way, maker.permitted, lambda names: resolve(names, seconds=seconds, look=look))
    return replace(made, targets=tuple(targets), refused=(*made.refused, *refused))


class _Maker:
    """Makes one plan."""

    def __init__(
        self,
        permitted: Permitted,
        exclusions: Sequence[Expression],
        config: SshConfig | None,
        zone: str,
        default_port: int,
    ) -> None:
        self._default_port = default_port
        self.permitted, self._exclusions, self._config, self._zone = permitted, exclusions, config, zone
        self._ignored: dict[str, None] = {}
        self._ways = Ways(config, self._ignored)
        self._refused: list[TargetOutcome] = []
        self._left_out = 0

    def wishes(self, wanted: Iterable[Expression], files: Iterable[Inventory]) -> list[Wish]:
        """What is wanted, without what is refused or left out by its address alone."""
        wishes = Wishes(self.permitted, Excluded(self._exclusions), self._zone)
        for one in wanted:
            wishes.add_word(one)
        for file in files:
            for listed in file.hosts:
                wishes.add_listed(listed)
        self._refused += wishes.refused
        self._left_out += wishes.left_out
        return [wish for wish in wishes.made if self._configured(wish)]

    def _configured(self, wish: Wish) -> bool:
        try:
            if self._config is not None:
                configure(wish, self._config, self._ignored)
            self._ways.first(wish.jumps or (), _end(wish))
        except UsageError as error:
            self._refused.append(_failed(wish, error.message))
            return False
        return True

    def names(self, wishes: Iterable[Wish]) -> list[str]:
        """The names that are to be looked up: of hosts, of first hops, and of exclusions."""
        found: dict[str, None] = {}
        for wish in wishes:
            first = self._ways.first(wish.jumps or (), _end(wish)) or wish.host
            if address_of(first) is None:
                found[first] = None
        for one in self._exclusions:
            if one.name and not _pattern(one):
                found[one.name] = None
        return list(found)

    def plan(
        self, wishes: Sequence[Wish], known: dict[str, Resolved], ignored: list[str], port: int | None, user: str
    ) -> Plan:
        """The plan, once names are looked up."""
        excluded = self._excluded(wishes, known)
        first: dict[tuple[str, frozenset[str]], tuple[str, ...]] = {}
        located = []
        notes: list[str] = []
        for wish in wishes:
            one = self._located(wish, known, excluded, notes)
            if one is not None:
                # A resolver tells the addresses of one name in another order each time.
                key = (wish.zone, frozenset(one.addresses))
                located.append(Located(wish, first.setdefault(key, one.addresses), one.hops))
        targets, doubles = joined(located, port=port, user=user, default_port=self._default_port)
        if self._left_out:
            what = "target is" if self._left_out == 1 else "targets are"
            notes.insert(0, f"{self._left_out} {what} left out by exclusions.")
        return Plan(
            tuple(targets),
            tuple(self._refused),
            (*ignored, *self._ignored),
            (*notes, *doubles),
            len(known),
        )

    def _excluded(self, wishes: Sequence[Wish], known: dict[str, Resolved]) -> Excluded:
        """What is left out, with every address of hosts that are left out by name."""
        by_name = Excluded(one for one in self._exclusions if one.span is None)
        spans: list[Span] = []
        called: set[str] = set()
        for wish in wishes:
            names = {name.lower().rstrip(".") for name in _end(wish)}
            if any(by_name.has_name(name) for name in names):
                called |= names
                spans += _spans(wish.host, known)
        for one in self._exclusions:
            if one.span is not None or _pattern(one):
                continue
            own = _spans(one.name, known)
            if not own and not any(matches(name, one.name) for name in called):
                raise UsageError(
                    f"What {one.text} leaves out is not known: {known[one.name].reason}. Write its address, or drop it."
                )
            spans += own
        return Excluded(self._exclusions, spans)

    def _located(self, wish: Wish, known: dict[str, Resolved], excluded: Excluded, notes: list[str]) -> Located | None:
        if any(excluded.has_name(name) for name in _end(wish)):
            self._left_out += 1
            return None
        words = wish.jumps
        behind = self._ways.leads(words or (), _end(wish))
        try:
            hops = None if words is None else self._ways.hops(words, _end(wish), known)
        except UsageError as error:
            self._refused.append(_failed(wish, error.message))
            return None
        address = address_of(wish.host)
        if address is not None:
            addresses = [str(address)]
        elif behind:
            addresses = [wish.host]
        else:
            addresses = list(known[wish.host].addresses)
            if not addresses:
                self._refused.append(_unknown(wish, known[wish.host]))
                return None
        if any(excluded.has(one) for one in map(address_of, addresses) if one is not None):
            self._left_out += 1
            return None
        allowed = [one for one in addresses if self._allows(one)]
        if not allowed:
            self._refused.append(_outside(wish, addresses))
            return None
        wrong = forbidden(hops or (), self.permitted)
        if wrong:
            reason = f"its jump host {wrong} is outside of the permitted ranges"
            self._refused.append(not_permitted(wish.name, wish.host, reason, wrong))
            return None
        if len(allowed) < len(addresses):
            rest = ", ".join(one for one in addresses if one not in allowed)
            notes.append(f"{wish.name}: {rest} of it outside of the permitted ranges, {allowed[0]} is gone to.")
        return Located(wish, tuple(allowed), hops)

    def _allows(self, text: str) -> bool:
        address = address_of(text)
        return self.permitted.has_name(text) if address is None else self.permitted.has(address)


def _end(wish: Wish) -> tuple[str, ...]:
    """What a host is called, for exclusions, and for ways that must not lead by way of it."""
    return (wish.name, wish.host, *wish.host_names)


def _pattern(one: Expression) -> bool:
    return "*" in one.name or "?" in one.name


def _spans(host: str, known: dict[str, Resolved]) -> list[Span]:
    """The addresses of a host, each as a span."""
    texts = [host] if address_of(host) is not None else known[host].addresses if host in known else ()
    return [span_of(address) for address in map(address_of, texts) if address is not None]


def _failed(wish: Wish, why: str) -> TargetOutcome:
    return TargetOutcome(
        wish.name, wish.host, FAILED, "resolve", f"{wish.origin}: {why}", "Mend what is written there."
    )


def _unknown(wish: Wish, found: Resolved) -> TargetOutcome:
    outcome = TIMED_OUT if found.late else UNREACHABLE
    remedy = "Name its address, or mend the name service."
    return TargetOutcome(wish.name, wish.host, outcome, "resolve", f"{wish.host}: {found.reason}.", remedy)


def _outside(wish: Wish, addresses: Sequence[str]) -> TargetOutcome:
    if address_of(addresses[0]) is None:
        reason = (
            f"only a jump host knows the address of {wish.host}, so it is in no permitted range that can be looked at"
        )
    else:
        called = wish.host if wish.host == addresses[0] else f"{wish.host} ({', '.join(addresses)})"
        reason = f"{called} is outside of the permitted ranges"
    return not_permitted(wish.name, addresses[0], reason, addresses[0])


def _hop_document(hop: Hop) -> dict[str, Any]:
    return {"address": hop.address, "port": hop.port, "user": hop.user or None}

"""Ways to hosts by way of others: the words of ProxyJump made hops, with what the OpenSSH configuration says of each.

As with ssh(1) the hops of a way stand as they are written; the first may have jump hosts of its own in the
configuration, which come before it. A way does not lead by way of its own end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from cmdb.model.errors import UsageError
from collector import ssh_jumps
from collector.outcome import TIMED_OUT, UNREACHABLE, TargetOutcome
from collector.permitted import Permitted
from collector.resolution import Resolved
from collector.ssh_config import SshConfig
from collector.target import Hop, Target
from collector.targets import address_of, dns_name
from collector.wish import not_permitted

MOST_HOPS = ssh_jumps.MOST_HOPS


@dataclass(frozen=True, slots=True)
class _Written:
    """One hop: `written` as it is called, `host` where the configuration says that it is."""

    written: str
    host: str
    port: int
    user: str
    identity_files: tuple[str, ...]
    host_key_alias: str


class Ways:
    """The ways of one plan. Each is worked out once."""

    def __init__(self, config: SshConfig | None, ignored: dict[str, None]) -> None:
        self._config, self._ignored = config, ignored
        self._known: dict[tuple[str, ...], tuple[_Written, ...]] = {}

    def first(self, words: Sequence[str], end: Sequence[str]) -> str:
        """The name or address of the first hop, which is the one to look up; empty where the way has none."""
        hops = self._way(tuple(words), end)
        return hops[0].host if hops else ""

    def leads(self, words: Sequence[str], end: Sequence[str]) -> bool:
        """Whether the way to a host has a hop. `end` are the names and the address of the host."""
        return bool(self._way(tuple(words), end))

    def hops(self, words: Sequence[str], end: Sequence[str], found: dict[str, Resolved]) -> tuple[Hop, ...]:
        """The hops, the first by its address. `found` has what its name resolved to.

        Raises UsageError where it has none.
        """
        made: list[Hop] = []
        for hop in self._way(tuple(words), end):
            address, name = hop.host, ""
            if not made and address_of(address) is None:
                known = found.get(address, Resolved(reason="it was not looked up"))
                if not known.addresses:
                    raise UsageError(f"its jump host {hop.written}: {known.reason}")
                address, name = known.addresses[0], hop.host
            made.append(Hop(address, hop.port, hop.user, hop.identity_files, hop.host_key_alias, name=name))
        return tuple(made)

    def _way(self, words: tuple[str, ...], end: Sequence[str]) -> tuple[_Written, ...]:
        if not words:
            return ()
        if words not in self._known:
            self._known[words] = self._worked_out(words)
        hops = self._known[words]
        for place, hop in enumerate(hops):
            if hop.written in end or hop.host in end:
                return hops[:place]
        return hops

    def _worked_out(self, words: tuple[str, ...]) -> tuple[_Written, ...]:
        hops: list[_Written] = []
        seen: set[str] = set()
        waiting = words
        while waiting:
            made = [self._hop(word) for word in waiting]
            first, before = made[0]
            hops = [hop for hop, _ in made] + hops
            seen.update(hop.written for hop, _ in made)
            if len(hops) > MOST_HOPS:
                raise UsageError(f"the way by {first.written} has more than {MOST_HOPS} jump hosts")
            # A jump host that is to be reached by way of itself is reached directly.
            waiting = before if not {_called(word) for word in before} & seen else ()
        return tuple(hops)

    def _hop(self, word: str) -> tuple[_Written, tuple[str, ...]]:
        """A hop and the words of its own way."""
        found = ssh_jumps.hop(word)
        called = _called(word)
        if self._config is None:
            return _Written(called, called, found.port or 22, found.user, (), ""), ()
        said = self._config.lookup(found.called if found.name else called, user=found.user)
        self._ignored.update(dict.fromkeys(said.ignored))
        address = address_of(said.host_name) if said.host_name else None
        host = str(address) if address is not None else dns_name(said.host_name) if said.host_name else called
        hop = _Written(
            called,
            host,
            found.port or said.port or 22,
            found.user or said.user,
            tuple(said.identity_files),
            said.host_key_alias,
        )
        return hop, said.jumps or ()


def led(
    targets: Sequence[Target],
    way: Callable[[Target], Target],
    permitted: Permitted,
    resolve: Callable[[list[str]], dict[str, Resolved]],
) -> tuple[list[Target], list[TargetOutcome]]:
    """Targets with the ways that `way` gives those that have none, and the ends of those whose way may not be gone.

    A way of a credential is permitted or not like any other; its first hop gets the address that `resolve` finds.
    """
    given = [way(target) for target in targets]
    new = [made.jumps[0] for made, target in zip(given, targets) if made.jumps and not target.jumps]
    found = resolve(list(dict.fromkeys(hop.address for hop in new if address_of(hop.address) is None)))
    led_there: list[Target] = []
    refused: list[TargetOutcome] = []
    for made, target in zip(given, targets):
        if target.jumps or not made.jumps:
            led_there.append(made)
            continue
        first = made.jumps[0]
        if first.address in found:
            known = found[first.address]
            if not known.addresses:
                refused.append(_no_way(target, first.address, known))
                continue
            first = replace(first, address=known.addresses[0], name=first.name or first.address)
        hops = (first, *made.jumps[1:])
        wrong = forbidden(hops, permitted)
        if wrong:
            reason = f"its jump host {wrong} is outside of the permitted ranges"
            refused.append(not_permitted(target.name, target.address, reason, wrong))
        else:
            led_there.append(replace(made, jumps=hops))
    return led_there, refused


def _no_way(target: Target, hop: str, found: Resolved) -> TargetOutcome:
    outcome = TIMED_OUT if found.late else UNREACHABLE
    remedy = "Name the jump host's address, or mend the name service."
    return TargetOutcome(
        target.name, target.address, outcome, "resolve", f"its jump host {hop}: {found.reason}.", remedy
    )


def forbidden(hops: Sequence[Hop], permitted: Permitted) -> str:
    """The address or name of the first hop that may not be used; empty where all may."""
    for hop in hops:
        address = address_of(hop.address)
        if not (permitted.has_name(hop.address) if address is None else permitted.has(address)):
            return hop.address
    return ""


def _called(word: str) -> str:
    found = ssh_jumps.hop(word)
    return found.name or str(found.span)

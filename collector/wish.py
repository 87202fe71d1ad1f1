"""What was asked for: hosts by name or address with what is said of each, before names are looked up and doubles joined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from cmdb.model.checked import shown
from cmdb.model.errors import UsageError
from collector.inventory.listed import Listed
from collector.outcome import FAILED, NOT_PERMITTED, TargetOutcome
from collector.permitted import Excluded, Permitted
from collector.scope import is_zone
from collector.spans import Span
from collector.ssh_config import SshConfig
from collector.targets import Expression, address_of, dns_name

ARGUMENT, INVENTORY = 0, 1
"""Whose word counts first where two name one address."""


@dataclass(slots=True)
class Wish:
    """One host that is wanted. `host` is an address in its canonical text or a name; `host_names` are names for it, and
    `called` is the name as it was written, which an OpenSSH configuration is asked for (empty: `host`).

    `port` and `user` are what was said with it; `config_port`, `config_user` what the OpenSSH configuration says, which
    counts less. `jumps` are ProxyJump's words, None where nothing is said. `single`: it was named by itself, and not as
    one of a range.
    """

    name: str
    host: str
    origin: str
    rank: int
    zone: str
    single: bool = True
    port: int | None = None
    user: str = ""
    credentials: tuple[str, ...] = ()
    identity_files: tuple[str, ...] = ()
    jumps: tuple[str, ...] | None = None
    config_port: int | None = None
    config_user: str = ""
    host_key_alias: str = ""
    known_hosts_files: tuple[str, ...] = ()
    identities_only: bool = False
    host_names: tuple[str, ...] = ()
    called: str = ""


class Wishes:
    """Puts together what is wanted, in the order in which it was named.

    `refused` are those that are known to be impossible already, `left_out` how many addresses exclusions took.
    """

    def __init__(self, permitted: Permitted, excluded: Excluded, zone: str) -> None:
        self._permitted, self._excluded, self._zone = permitted, excluded, zone
        self.made: list[Wish] = []
        self.refused: list[TargetOutcome] = []
        self.left_out = 0

    def add_word(self, found: Expression) -> None:
        """Adds what an expression of the command line names."""
        self._add(found, Wish("", "", "argument", ARGUMENT, self._zone, port=found.port, user=found.user))

    def add_listed(self, found: Listed) -> None:
        """Adds what an inventory names."""
        problem = found.problem
        if found.zone and not is_zone(found.zone):
            problem = problem or f"{shown(found.zone)} is no name of a zone"
        if found.host is None or problem:
            problem = problem if problem.startswith(found.origin) else f"{found.origin}: {problem}"
            problem = problem if problem.endswith(".") else f"{problem}."
            remedy = "Say in the inventory, in plain text, how it is reached."
            self.refused.append(TargetOutcome(found.name, "", FAILED, "resolve", problem, remedy))
            return
        wish = Wish(
            found.name,
            "",
            found.origin,
            INVENTORY,
            found.zone or self._zone,
            port=found.port,
            user=found.user,
            credentials=found.credentials,
            identity_files=found.identity_files,
            jumps=found.jumps,
        )
        self._add(found.host, wish)

    def _add(self, found: Expression, wish: Wish) -> None:
        if found.span is None:
            self.made.append(replace(wish, name=wish.name or found.name, host=found.name, called=found.called))
            return
        for part in self._parts(found.span, wish.name or str(found.span)):
            for address in part.addresses():
                name = wish.name if wish.name and found.count == 1 else address
                self.made.append(replace(wish, name=name, host=address, single=found.count == 1))

    def _parts(self, span: Span, name: str) -> Iterator[Span]:
        """The parts of a span that may be swept. One refusal tells of all that may not."""
        parts, outside = self._permitted.split(span)
        if outside:
            what = f"{span} is" if span.count == 1 else f"{outside} of {span.count} addresses of {span} are"
            self.refused.append(not_permitted(name, str(span), f"{what} outside of the permitted ranges", str(span)))
        for part in parts:
            kept, left_out = self._excluded.split(part)
            self.left_out += left_out
            yield from kept


def not_permitted(name: str, address: str, reason: str, permit: str) -> TargetOutcome:
    """The end of a target that may not be swept; `permit` is the range or name that would allow it."""
    remedy = f"If it is yours to sweep, allow it: --permit {permit}."
    return TargetOutcome(name, address, NOT_PERMITTED, "resolve", f"{reason}.", remedy)


def configure(wish: Wish, config: SshConfig, ignored: dict[str, None]) -> None:
    """Adds what the OpenSSH configuration says of a host as it was named. Raises UsageError for a HostName that is none."""
    found = config.lookup(wish.called or wish.host, user=wish.user)
    ignored.update(dict.fromkeys(found.ignored))
    if found.host_name:
        address = address_of(found.host_name)
        host = str(address) if address is not None else dns_name(found.host_name)
        if host != wish.host:
            wish.host_names = tuple(name for name in (wish.host,) if address_of(name) is None)
            wish.host = host
    wish.config_port, wish.config_user = found.port, found.user if not wish.user else ""
    wish.identity_files = tuple(dict.fromkeys([*wish.identity_files, *found.identity_files]))
    if wish.jumps is None:
        wish.jumps = found.jumps
    wish.host_key_alias = found.host_key_alias
    wish.known_hosts_files = found.known_hosts_files or ()
    wish.identities_only = bool(found.identities_only)


def counted(expressions: list[Expression], most: int) -> None:
    """Refuses more targets than a sweep takes, before any is made. Raises UsageError that names the largest expression."""
    total = sum(one.count for one in expressions)
    if total <= most:
        return
    largest = max(expressions, key=lambda one: one.count)
    every = f"{largest.text} has {largest.count:,} addresses"
    if len(expressions) > 1:
        every = f"The targets are {total:,} addresses, {largest.text} alone {largest.count:,}"
    raise UsageError(f"{every}; a sweep takes at most {most:,}. Name smaller ranges, one sweep for each.")

"""One target for one address, however many names and files name it.

What is said with a target counts before what the OpenSSH configuration says of it, the command line before an inventory,
and of equals the first. Whoever says no port or no way joins those who do; two who say different ones stay two, since a
port or a jump host may lead to another machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from collector.target import PORTS, SSH, Hop, Target
from collector.wish import Wish

_Value = TypeVar("_Value")
MOST_NOTES = 100


@dataclass(frozen=True, slots=True)
class Located:
    """A wish with its addresses, the first of which is where it is reached, and its way (None: nothing is said)."""

    wish: Wish
    addresses: tuple[str, ...]
    hops: tuple[Hop, ...] | None


def joined(
    located: Sequence[Located], *, port: int | None, user: str, default_port: int = PORTS[SSH]
) -> tuple[list[Target], list[str]]:
    """The targets in the order in which they were named first, and what is to be said of doubles.

    `port` and `user` stand between what was said with a target and what the configuration says.
    """
    groups: dict[tuple[str, str], list[list[tuple[int, Located]]]] = {}
    order = sorted(
        enumerate(located), key=lambda one: (_port(one[1], port) is None, one[1].hops is None, _strength(one))
    )
    for one in order:
        at_address = groups.setdefault((one[1].wish.zone, one[1].addresses[0]), [])
        for group in at_address:
            if all(_together(member, one[1], port) for _, member in group):
                group.append(one)
                break
        else:
            at_address.append([one])
    own = set(groups)
    made: list[tuple[int, Target]] = []
    notes: list[str] = []
    doubles = 0
    for at_address in groups.values():
        for group in at_address:
            group.sort(key=_strength)
            members = [member for _, member in group]
            doubles += len(members) - 1
            target = _target(members, port, user, own, default_port)
            made.append((min(place for place, _ in group), target))
            if len(members) > 1:
                notes += _dropped(members, target)
    made.sort(key=lambda one: one[0])
    if len(notes) > MOST_NOTES:
        notes = [*notes[:MOST_NOTES], f"And {len(notes) - MOST_NOTES} more of this kind."]
    if doubles:
        notes.insert(
            0, f"{doubles} {'time' if doubles == 1 else 'times'} an address was named again; each is swept once."
        )
    return [target for _, target in made], notes


def _strength(one: tuple[int, Located]) -> tuple[int, bool, int]:
    """What counts first sorts first."""
    return (one[1].wish.rank, not one[1].wish.single, one[0])


def _port(one: Located, option: int | None) -> int | None:
    """The port that is said of a wish; None where an option or the default decides."""
    return one.wish.port if one.wish.port is not None or option is not None else one.wish.config_port


def _together(one: Located, other: Located, option: int | None) -> bool:
    ports = {_port(one, option), _port(other, option)} - {None}
    ways = {one.hops, other.hops} - {None}
    return len(ports) < 2 and len(ways) < 2


def _target(
    members: Sequence[Located], option: int | None, user: str, own: set[tuple[str, str]], default_port: int
) -> Target:
    wishes = [member.wish for member in members]
    address, zone = members[0].addresses[0], wishes[0].zone
    named = [wish for wish in wishes if wish.name != address]
    others = dict.fromkeys(other for member in members for other in member.addresses[1:])
    names = dict.fromkeys(name for wish in wishes for name in (wish.name, wish.host, *wish.host_names))
    name = (named or wishes)[0].name
    return Target(
        name=name,
        address=address,
        port=_first(_port(member, option) for member in members) or option or default_port,
        zone=zone,
        user=_first(wish.user for wish in wishes) or user or _first(wish.config_user for wish in wishes) or "",
        credentials=_first(wish.credentials for wish in wishes) or (),
        identity_files=_first(wish.identity_files for wish in wishes) or (),
        jumps=_first(member.hops for member in members) or (),
        host_key_alias=_first(wish.host_key_alias for wish in wishes) or "",
        origin=wishes[0].origin,
        alternatives=tuple(other for other in others if other != address and (zone, other) not in own),
        host_names=tuple(other for other in names if other not in (address, name)),
        known_hosts_files=_first(wish.known_hosts_files for wish in wishes) or (),
        identities_only=any(wish.identities_only for wish in wishes),
    )


def _first(values: Iterable[_Value | None]) -> _Value | None:
    return next((value for value in values if value), None)


def _dropped(members: Sequence[Located], target: Target) -> list[str]:
    """What members said that does not count."""
    notes = []
    for member in members:
        wish = member.wish
        for what, said, counts in (
            ("user", wish.user, target.user),
            ("credentials", ", ".join(wish.credentials), ", ".join(target.credentials)),
            ("keys", ", ".join(wish.identity_files), ", ".join(target.identity_files)),
            ("host key alias", wish.host_key_alias, target.host_key_alias),
        ):
            if said and said != counts:
                notes.append(
                    f"{target.address}: {what} {said} of {wish.name} ({wish.origin}) is not used; {counts} counts."
                )
    return notes

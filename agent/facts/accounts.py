"""Local accounts of a host.

Sources: /etc/passwd, passwd(5); /etc/group for supplementary groups; `passwd -S -a` (passwd(1) of shadow) for the state
of passwords and the day of their last change. /etc/shadow itself is not read, so that no hash is ever in our hands, and
the ages that passwd prints are dropped.
Yields LocalAccount. Only root sees the state of passwords: an ordinary user's section goes without, as privilege
"user". So it does where passwd can not list all accounts (Red Hat's, BusyBox's).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.fact import Command, Context, File, Material, Output, ParseError, Unavailable
from agent.facts import groups
from agent.name_files import rows
from agent.scrub import scrub_text
from cmdb.model.classes.local_account import LocalAccount
from cmdb.model.dataclass import dataclass

_STATES = Command(("/usr/bin/passwd", "-S", "-a"), root=True)

NAME = "accounts"
VERSION = 1
CLASSES = ("LocalAccount",)
RELATIONS: tuple[str, ...] = ()
LIMITED = True
EVERY = 12
STEADY = True
NEEDS = (File("/etc/passwd"), File("/etc/group"), _STATES)

_WORDS = {"P": "usable", "PS": "usable", "L": "locked", "LK": "locked", "NP": "none"}


@dataclass(frozen=True)
class Account:
    """A line of /etc/passwd without its password field."""

    name: str
    uid: int
    gid: int
    full_name: str
    home: str
    shell: str


@dataclass(frozen=True)
class Password:
    """`state` is usable, locked or none; `changed_on` an ISO 8601 day, None where it was never set."""

    state: str
    changed_on: str | None


def collect(material: Material, context: Context) -> Iterator[LocalAccount]:
    accounts = parse(material.file("/etc/passwd").text)
    group = material.optional("/etc/group")
    memberships: dict[str, list[str]] = {}
    for row in groups.parse(group.text) if group else []:
        for member in row.members:
            memberships.setdefault(member, []).append(row.name)
    passwords = _passwords(material, context)
    for account in accounts:
        yield observe(account, memberships.get(account.name, []), passwords.get(account.name))


def parse(text: str) -> list[Account]:
    """Accounts in the order of the file. Raises ParseError as name_files.rows does."""
    return [
        Account(name, int(uid), int(gid), full_name.rstrip(","), home, shell)
        for name, _, uid, gid, full_name, home, shell in rows(text, "/etc/passwd", 7, [2, 3])
    ]


def parse_states(text: str) -> dict[str, Password]:
    """State of the password by account, from `passwd -S -a`.

    Lines are "name state day min max warn inactive"; the day is YYYY-MM-DD, before shadow 4.11 MM/DD/YYYY. Raises
    ParseError at a line that is not of that kind.
    """
    found: dict[str, Password] = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) < 2 or words[1] not in _WORDS:
            raise ParseError(f"passwd -S -a: not understood: {line[:200]!r}")
        found.setdefault(words[0], Password(_WORDS[words[1]], _day(words[2]) if len(words) > 2 else None))
    return found


def observe(account: Account, memberships: list[str], password: Password | None) -> LocalAccount:
    """What the CMDB should know of it."""
    return LocalAccount(
        name=account.name,
        uid=account.uid,
        gid=account.gid,
        full_name=scrub_text(account.full_name) or None,
        home=account.home or None,
        shell=account.shell or None,
        groups=memberships,
        password_state=password.state if password else None,
        password_changed_on=password.changed_on if password else None,
    )


def _passwords(material: Material, context: Context) -> dict[str, Password]:
    lack = material.missing(_STATES)
    if context.privilege == "user" or (lack and lack.kind in ("absent", "unsupported")):
        return {}
    output: Output = material.output(_STATES)
    if output.status != 0 and not output.stdout:
        first = output.stderr.decode("utf-8", "replace").strip().splitlines()
        if first and re.search(r"usage|unrecognized|unknown|invalid option|only one user", first[0], re.IGNORECASE):
            return {}
        raise Unavailable(
            f"passwd -S -a ended with status {output.status}: {first[0][:200] if first else 'no message'}"
        )
    return parse_states(output.text)


def _day(word: str) -> str | None:
    iso = re.match(r"(\d{4})-(\d{2})-(\d{2})\Z", word)
    american = re.match(r"(\d{2})/(\d{2})/(\d{4})\Z", word)
    day = iso[0] if iso else f"{american[3]}-{american[1]}-{american[2]}" if american else None
    # Day 0 means "must be changed at the next login", not 1970.
    return None if day == "1970-01-01" else day

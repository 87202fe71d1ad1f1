"""Named credentials for SSH and SNMP, each with its scope; secrets are references until a login is made of them.

Which entries a target gets: those that it names, in its order, or else all; of these the ones whose scope covers it, by
`order` and then by their place in the file. A scope is a fence, not a hint: naming an entry does not carry it beyond.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cmdb.model.errors import SurveymarkError
from collector import private_file
from collector.login import KeyFile, Login
from collector.scope import Scope
from collector.secret import Secret
from collector.secret_refs import SecretRef, Secrets, Unresolved
from collector.snmp.credential import SnmpCredential
from collector.target import SNMP, SSH, Hop, Target

OWN_KEY = "identity file"
"""The name under which a target's own key files, from an inventory or ssh_config(5), are offered; no entry can have it."""

NEVER = "never"
WITHOUT_PASSWORD = "without_password"  # noqa: S105 - a word
WITH_PASSWORD = "with_password"  # noqa: S105 - a word
DOAS = "doas"
SUDO = (NEVER, WITHOUT_PASSWORD, WITH_PASSWORD, DOAS)


@dataclass(frozen=True, slots=True)
class Credential:
    """One entry for SSH. Without `user` it is for whatever account the target says.

    `sudo`: "never", "without_password" (sudo -n), "with_password", by `sudo_password`, or "doas". `jumps` is the way to targets
    that name none themselves. `failures_in_a_row`: after so many targets in a row that refused its password or
    keyboard-interactive answer it is left alone for the rest of a sweep; 0 is for accounts that each host has for itself.
    """

    name: str
    scope: Scope
    user: str = ""
    key_file: Path | None = None
    passphrase: SecretRef | None = None
    certificate_file: Path | None = None
    use_agent: bool = False
    password: SecretRef | None = None
    keyboard_interactive: SecretRef | None = None
    sudo: str = WITHOUT_PASSWORD
    sudo_password: SecretRef | None = None
    jumps: tuple[Hop, ...] = ()
    order: int = 0
    failures_in_a_row: int = 5

    @property
    def methods(self) -> tuple[str, ...]:
        """Its ways in, as words: "key", "agent", "password", "keyboard_interactive"."""
        return (
            *(("key",) if self.key_file else ()),
            *(("agent",) if self.use_agent else ()),
            *(("password",) if self.password else ()),
            *(("keyboard_interactive",) if self.keyboard_interactive else ()),
        )

    @property
    def references(self) -> tuple[tuple[str, SecretRef], ...]:
        """The keys of the entry that refer to secrets, with their references."""
        every = (
            ("key_passphrase", self.passphrase),
            ("password", self.password),
            ("keyboard_interactive", self.keyboard_interactive),
            ("sudo_password", self.sudo_password),
        )
        return tuple((key, ref) for key, ref in every if ref is not None)

    def user_for(self, target: Target) -> str:
        return target.user or self.user

    def resolve(self, target: Target, secrets: Secrets) -> tuple[Login | None, list[str]]:
        """What it offers this target, its secrets in hand, and a sentence for each way that can not be gone.

        The target's own user stands above the entry's; a password belongs to the account for which the entry has it, so it
        is not offered to another one. None where no way is left.
        """
        problems: list[str] = []
        user = self.user_for(target)
        if not user:
            return None, [f"{self.name}: neither it nor the target names a user"]
        keys = self._keys(secrets, problems)
        password = keyboard = sudo = None
        if self.user and user != self.user:
            if self.password or self.keyboard_interactive:
                problems.append(f"{self.name}: its password is {self.user}'s, and the target names the user {user}")
        else:
            password = _secret(self, "password", self.password, secrets, problems)
            keyboard = _secret(self, "keyboard_interactive", self.keyboard_interactive, secrets, problems)
            sudo = _secret(self, "sudo_password", self.sudo_password, secrets, problems)
        use_agent = self.use_agent and not target.identities_only
        if not keys and not use_agent and password is None and keyboard is None:
            return None, problems
        login = Login(
            credential_name=self.name,
            user=user,
            keys=keys,
            use_agent=use_agent,
            password=password,
            keyboard_interactive=keyboard,
            sudo=sudo,
            names_range=self.scope.names_range(target),
            may_elevate=self.sudo != NEVER,
            by_doas=self.sudo == DOAS,
        )
        return login, problems

    def _keys(self, secrets: Secrets, problems: list[str]) -> tuple[KeyFile, ...]:
        if self.key_file is None:
            return ()
        try:
            private_file.check(self.key_file, "the key")
        except SurveymarkError as error:
            problems.append(f"{self.name}: {error.message}")
            return ()
        before = len(problems)
        passphrase = _secret(self, "key_passphrase", self.passphrase, secrets, problems)
        return () if len(problems) > before else (KeyFile(self.key_file, passphrase, self.certificate_file),)

    def document(self) -> dict[str, Any]:
        """The entry as JSON has it: everything but secrets, which it does not have either."""
        return {
            "name": self.name,
            "kind": SSH,
            "user": self.user or None,
            "methods": list(self.methods),
            **self.scope.document(),
            "sudo": self.sudo,
            "jumps": [{"address": h.address, "port": h.port, "credentials": list(h.credentials)} for h in self.jumps],
            "order": self.order,
            "failures_in_a_row": self.failures_in_a_row,
        }


class Credentials:
    """All entries of one file, in the order in which they are tried: `entries` for SSH, `snmp` for SNMP, `every` both."""

    def __init__(self, entries: Iterable[Credential | SnmpCredential] = ()) -> None:
        self.every: tuple[Credential | SnmpCredential, ...] = tuple(sorted(entries, key=lambda c: c.order))
        self.entries = tuple(c for c in self.every if isinstance(c, Credential))
        self.snmp = tuple(c for c in self.every if isinstance(c, SnmpCredential))
        self._by_name = {c.name: c for c in self.entries}
        self._snmp_by_name = {c.name: c for c in self.snmp}

    @classmethod
    def load(cls, path: Path) -> Credentials:
        """The entries of a file, see collector/credentials_file.py. Raises UsageError, naming file, entry and key."""
        from collector.credentials_file import load

        return load(path)

    def named(self, name: str) -> Credential | None:
        return self._by_name.get(name)

    def covering(self, target: Target) -> list[Credential]:
        """The entries for a target, in order; its own key files come first, under the name OWN_KEY."""
        own = [_own_key(target, file) for file in target.identity_files]
        wanted = [self._by_name.get(name) for name in target.credentials] if target.credentials else self.entries
        return [*own, *(c for c in wanted if c is not None and c.scope.covers(target))]

    def covering_snmp(self, target: Target) -> list[SnmpCredential]:
        """The entries by which a target is asked by SNMP, in order."""
        named = target.credentials
        wanted = [self._snmp_by_name.get(name) for name in named] if named else self.snmp
        return [c for c in wanted if c is not None and c.scope.covers(target)]

    def names(self, target: Target) -> list[str]:
        """The names of what would be tried, each once."""
        tried = self.covering_snmp(target) if target.protocol == SNMP else self.covering(target)
        return list(dict.fromkeys(c.name for c in tried))

    def why_none(self, target: Target) -> str:
        """Why there is no credential for a target: a sentence with the remedy."""
        known: Mapping[str, object] = self._snmp_by_name if target.protocol == SNMP else self._by_name
        if not known:
            what = " for SNMP" if target.protocol == SNMP else ""
            return f"There are no credentials{what}; write an entry whose scope covers it."
        unknown = [name for name in target.credentials if name not in self._by_name | self._snmp_by_name]
        if unknown:
            return f"It names the credential {unknown[0]!r:.80}, which there is not; `surveymark credential list`."
        named = [name for name in target.credentials if name in known]
        if target.credentials and not named:
            return f"None of the credentials that it names is for {target.protocol.upper()}; name one that is."
        if named:
            return (
                f"The scope of {named[0]!r:.80}, which it names, does not cover {target.address} in zone "
                f"{target.zone}; widen `ranges` or `zones` of that entry."
            )
        return f"No credential's scope covers {target.address} in zone {target.zone}; add that to `ranges` or `zones` of one."

    def way(self, target: Target) -> Target:
        """The target with its way: its own jump hosts, or those of the first entry for it that has some."""
        if target.jumps:
            return target
        jumps: Sequence[Hop] = next((c.jumps for c in self.covering(target) if c.jumps), ())
        return replace(target, jumps=tuple(jumps)) if jumps else target


def hop_target(hop: Hop, target: Target) -> Target:
    """A jump host as a target of its own, in the zone of what lies behind it: credentials are chosen for it alike."""
    return Target(
        name=hop.name or hop.address,
        address=hop.address,
        port=hop.port,
        zone=target.zone,
        user=hop.user,
        credentials=hop.credentials,
        identity_files=hop.identity_files,
        host_key_alias=hop.host_key_alias,
        origin=f"jump host of {target.name}",
    )


def _own_key(target: Target, file: str) -> Credential:
    """A key that an inventory or ssh_config(5) names for this very host: the scope is the host. As with ssh(1) the account
    is this user's where none is said."""
    try:
        user = target.user or getpass.getuser()
    except (KeyError, OSError):
        user = ""
    path = Path(file)
    try:
        path = path.expanduser()
    except RuntimeError:
        pass  # That there is no such file is said when the key is wanted.
    return Credential(name=OWN_KEY, scope=Scope((target.zone,), names=(target.address,)), user=user, key_file=path)


def _secret(entry: Credential, key: str, ref: SecretRef | None, secrets: Secrets, problems: list[str]) -> Secret | None:
    if ref is None:
        return None
    try:
        return secrets.get(ref)
    except Unresolved as error:
        problems.append(f"{entry.name}: {key} = {str(error).rstrip('.')}; {error.remedy}")
        return None

"""A credential for SNMP: an entry of kind "snmp" in the file of credentials (collector/credentials_file.py).

    [credential.access-switches]
    kind = "snmp"
    version = "2c"
    community = "vault:access"
    ranges = ["10.9.0.0/16"]

    [credential.core]
    kind = "snmp"
    version = "3"                       # the User-based Security Model, RFC 3414
    user = "survey"
    level = "authPriv"                  # or authNoPriv, noAuthNoPriv; without it what the other keys make it
    auth = "sha256"                     # sha224 to sha512 (RFC 7860); sha1 and md5 are weak
    auth_password = "vault:core-auth"
    privacy = "aes128"                  # RFC 3826; of no RFC: aes192, aes256, aes192c, aes256c (Reeder's keys); des is weak
    privacy_password = "vault:core-privacy"
    context = ""
    port = 161
    zones = ["core"]

Secrets are references here, as everywhere. SNMPv1 is not spoken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from collector import credential_values as values
from collector.scope import Scope
from collector.secret import Secret
from collector.secret_refs import SecretRef, Secrets, Unresolved
from collector.snmp.session import Community, User
from collector.target import PORTS, SNMP, Target

V2C, V3 = "2c", "3"
NO_AUTH, AUTH, AUTH_PRIV = "noAuthNoPriv", "authNoPriv", "authPriv"
LEAST_PASSWORD = 8
"""Characters of a password of a user (RFC 3414 section 11.2)."""

KEYS = frozenset(
    {
        "kind", "version", "community", "user", "level", "auth", "auth_password", "privacy", "privacy_password",
        "context", "port", "ranges", "names", "zones", "order",
    }
)  # fmt: skip
_OF_V3 = ("user", "level", "auth", "auth_password", "privacy", "privacy_password", "context")
_AUTH = ("sha256", "sha384", "sha512", "sha224", "sha1", "md5")
_PRIVACY = ("aes128", "aes192", "aes256", "aes192c", "aes256c", "des")


@dataclass(frozen=True, slots=True)
class SnmpCredential:
    """One entry. `version` is "2c" or "3"; the members are those of the file, see above."""

    name: str
    scope: Scope
    version: str
    community: SecretRef | None = None
    user: str = ""
    auth: str = ""
    auth_password: SecretRef | None = None
    privacy: str = ""
    privacy_password: SecretRef | None = None
    context: str = ""
    port: int = PORTS[SNMP]
    order: int = 0

    @property
    def level(self) -> str:
        """securityLevel of RFC 3411; empty of version 2c, which has none."""
        if self.version == V2C:
            return ""
        return AUTH_PRIV if self.privacy else AUTH if self.auth else NO_AUTH

    @property
    def methods(self) -> tuple[str, ...]:
        """Its one way in, as words."""
        return (" ".join(filter(None, (f"snmp v{self.version}", self.level, self.auth, self.privacy))),)

    @property
    def weak(self) -> tuple[str, ...]:
        """What of it protects too little (session.Community, session.User)."""
        return self._login(None, None, None).weak

    @property
    def references(self) -> tuple[tuple[str, SecretRef], ...]:
        """The keys of the entry that refer to secrets, with their references."""
        every = (
            ("community", self.community),
            ("auth_password", self.auth_password),
            ("privacy_password", self.privacy_password),
        )
        return tuple((key, ref) for key, ref in every if ref is not None)

    def port_for(self, target: Target) -> int:
        """A port that the target says stands above the entry's."""
        return self.port if target.port == PORTS[SNMP] else target.port

    def resolve(self, secrets: Secrets) -> tuple[Community | User | None, list[str]]:
        """What it offers a device, its secrets in hand; or None, and a sentence for each reason."""
        problems: list[str] = []
        found: dict[str, Secret] = {}
        for key, ref in self.references:
            try:
                found[key] = secrets.get(ref)
            except Unresolved as error:
                problems.append(f"{self.name}: {key} = {str(error).rstrip('.')}; {error.remedy}")
                continue
            if self.version == V3 and len(found[key].reveal()) < LEAST_PASSWORD:
                problems.append(
                    f"{self.name}: {key} = {ref}: it is shorter than {LEAST_PASSWORD} characters, which no agent takes"
                )
        if problems:
            return None, problems
        return self._login(found.get("community"), found.get("auth_password"), found.get("privacy_password")), []

    def _login(self, community: Secret | None, auth: Secret | None, privacy: Secret | None) -> Community | User:
        if self.version == V2C:
            return Community(community or Secret(""))
        return User(self.user, self.auth, auth, self.privacy, privacy, self.context)

    def document(self) -> dict[str, Any]:
        """The entry as JSON has it: everything but secrets, which it does not have either."""
        return {
            "name": self.name,
            "kind": SNMP,
            "user": self.user or None,
            "methods": list(self.methods),
            **self.scope.document(),
            "version": self.version,
            "level": self.level or None,
            "auth": self.auth or None,
            "privacy": self.privacy or None,
            "context": self.context or None,
            "port": self.port,
            "weak": list(self.weak),
            "order": self.order,
        }


def read(entry: dict[str, Any], name: str) -> SnmpCredential:
    """The entry of a table of the file. Raises credential_values.Wrong."""
    version = values.of(entry, "version", "", _version)
    if not version:
        raise values.Wrong('it says no version: write `version = "2c"` or `version = "3"`')
    made = SnmpCredential(
        name=name,
        scope=values.scope_of(entry),
        version=version,
        community=values.of(entry, "community", None, values.secret_reference),
        user=values.of(entry, "user", "", values.user),
        auth=values.of(entry, "auth", "", _auth),
        auth_password=values.of(entry, "auth_password", None, values.secret_reference),
        privacy=values.of(entry, "privacy", "", values.one_of(*_PRIVACY)),
        privacy_password=values.of(entry, "privacy_password", None, values.secret_reference),
        context=values.of(entry, "context", "", _context),
        port=values.of(entry, "port", PORTS[SNMP], values.whole(1, 65535)),
        order=values.of(entry, "order", 0, values.whole(-1_000_000, 1_000_000)),
    )
    if version == V2C:
        wrong = [key for key in _OF_V3 if key in entry]
        if wrong:
            raise values.Wrong(f'`{wrong[0]}` is of version "3"; version "2c" has a `community`')
        if made.community is None:
            raise values.Wrong('it has no `community`: write the reference to one, such as "vault:NAME"')
        return made
    if made.community is not None:
        raise values.Wrong('`community` is of version "2c"; version "3" has a `user`')
    if not made.user:
        raise values.Wrong('version "3" wants a `user`')
    for key, word in (("auth", made.auth), ("privacy", made.privacy)):
        if bool(word) != (f"{key}_password" in entry):
            raise values.Wrong(f"`{key}` and `{key}_password` go together")
    if made.privacy and not made.auth:
        raise values.Wrong("`privacy` goes with `auth`, which is missing (RFC 3411 knows no privacy without it)")
    level = values.of(entry, "level", made.level, values.one_of(NO_AUTH, AUTH, AUTH_PRIV))
    if level != made.level:
        raise values.Wrong(f"`level` is {level}, and the other keys make it {made.level}")
    return made


def _version(value: Any) -> str:
    if value not in (V2C, V3):
        raise values.Wrong('is "2c" or "3"; SNMPv1 is not spoken')
    return str(value)


def _auth(value: Any) -> str:
    return values.one_of(*_AUTH)("sha1" if value == "sha" else value)


def _context(value: Any) -> str:
    found = str(value)
    if value != "" and len(values.text(value).encode()) > 255:
        raise values.Wrong("is longer than 255 bytes")
    return found

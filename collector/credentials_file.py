"""The file of credentials: TOML 1.0, a regular file of ours with mode 0600, without a single secret in it.

    [credential.linux-fleet]
    user = "survey"
    ranges = ["10.0.0.0/8", "fd00:10::/32"]       # or zones = ["branch"], or names = ["*.dmz.example.org"]
    key = "~/.ssh/survey"
    key_passphrase = "vault:survey-key"
    sudo = "without_password"

    [credential.switches]
    kind = "snmp"                                 # without it an entry is for SSH
    ...                                           # its keys: collector/snmp/credential.py

Every error names file, entry and key and never a value that may be a secret.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from cmdb.model.errors import UsageError
from collector import credential_values as values
from collector import private_file
from collector.credentials import OWN_KEY, SUDO, WITH_PASSWORD, WITHOUT_PASSWORD, Credential, Credentials, hop_target
from collector.scope import is_name, network
from collector.snmp import credential as snmp
from collector.snmp.credential import SnmpCredential
from collector.target import SNMP, SSH, Hop, Target

MAX_BYTES = 1024 * 1024
MAX_ENTRIES = 1000
MAX_JUMPS = 8

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}\Z", re.ASCII)
_KEYS = {
    "kind", "user", "ranges", "names", "zones", "key", "key_passphrase", "certificate", "agent", "password",
    "keyboard_interactive", "sudo", "sudo_password", "jumps", "order", "failures_in_a_row",
}  # fmt: skip


def load(path: Path) -> Credentials:
    """Raises UsageError."""
    return read(private_file.read(path, MAX_BYTES, "The file of credentials"), str(path))


def read(content: bytes, name: str = "credentials.toml") -> Credentials:
    """The entries of a file's content; `name` is what messages call it. Raises UsageError."""
    entries = _document(content, name).get("credential", {})
    if not isinstance(entries, dict) or not all(isinstance(entry, dict) for entry in entries.values()):
        raise UsageError(f"{name}: `credential` holds entries: write [credential.NAME] above each.")
    if len(entries) > MAX_ENTRIES:
        raise UsageError(f"{name}: {len(entries)} credentials; {MAX_ENTRIES} are the most.")
    made = Credentials(_entry(entry, key, name) for key, entry in entries.items())
    for credential in made.entries:
        _check_jumps(credential, made, name)
    return made


def _document(content: bytes, name: str) -> dict[str, Any]:
    try:
        document = tomllib.loads(content.decode())
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: byte {error.start} is no UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        # Its words may quote what it read; where it is says enough.
        found = re.search(r"\(at (line \d+, column \d+|end of document)\)\Z", str(error))
        raise UsageError(f"{name}: no TOML at {found[1] if found else 'some line'}.") from None
    except (RecursionError, ValueError, OverflowError):
        raise UsageError(f"{name}: a value is nested too deeply or too large.") from None
    other = sorted(set(document) - {"credential"})
    if other:
        raise UsageError(f"{name}: {other[0]!r:.80} stands outside of an entry: write [credential.NAME] above it.")
    return document


def _entry(entry: dict[str, Any], name: str, file: str) -> Credential | SnmpCredential:
    if not _NAME.match(name) or name == OWN_KEY:
        raise UsageError(
            f"{file}: {name!r:.80} is no name of a credential: letters, digits and _ . @ -, 64 at most, a letter or digit first."
        )
    try:
        kind = values.of(entry, "kind", SSH, values.one_of(SSH, SNMP))
        keys = snmp.KEYS if kind == SNMP else _KEYS
        unknown = sorted(set(entry) - keys)
        if unknown:
            what = "an entry" if kind == SSH else f"an entry of kind {kind}"
            raise values.Wrong(f"{unknown[0]!r:.80} is no key of {what}; there are {', '.join(sorted(keys))}")
        return snmp.read(entry, name) if kind == SNMP else _credential(entry, name)
    except values.Wrong as wrong:
        raise UsageError(f"{file}: credential {name}: {wrong}.") from None


def _credential(entry: dict[str, Any], name: str) -> Credential:
    made = Credential(
        name=name,
        scope=values.scope_of(entry),
        user=values.of(entry, "user", "", values.user),
        key_file=values.of(entry, "key", None, values.path),
        passphrase=values.of(entry, "key_passphrase", None, values.secret_reference),
        certificate_file=values.of(entry, "certificate", None, values.path),
        use_agent=values.of(entry, "agent", False, values.boolean),
        password=values.of(entry, "password", None, values.secret_reference),
        keyboard_interactive=values.of(entry, "keyboard_interactive", None, values.secret_reference),
        sudo=values.of(entry, "sudo", WITHOUT_PASSWORD, values.one_of(*SUDO)),
        sudo_password=values.of(entry, "sudo_password", None, values.secret_reference),
        jumps=values.of(entry, "jumps", (), _jumps),
        order=values.of(entry, "order", 0, values.whole(-1_000_000, 1_000_000)),
        failures_in_a_row=values.of(entry, "failures_in_a_row", 5, values.whole(0, 1_000_000)),
    )
    if not made.methods:
        raise values.Wrong("it has no way in: write `key`, `agent = true`, `password` or `keyboard_interactive`")
    for key in ("key_passphrase", "certificate"):
        if key in entry and made.key_file is None:
            raise values.Wrong(f"`{key}` goes with `key`, which is missing")
    if (made.password or made.keyboard_interactive) and not made.user:
        raise values.Wrong("a password is one account's: write `user`")
    if (made.sudo == WITH_PASSWORD) != (made.sudo_password is not None):
        raise values.Wrong('`sudo = "with_password"` and `sudo_password` go together')
    return made


def _check_jumps(credential: Credential, every: Credentials, file: str) -> None:
    """Jump hosts get no credential whose scope does not cover them; said now, not when the sweep is on its way."""
    for hop in credential.jumps:
        seen = Target(name="", address="", zone=credential.scope.zones[0])
        wrong = [name for name in hop.credentials if every.named(name) is None]
        if wrong:
            raise UsageError(
                f"{file}: credential {credential.name}: `jumps` names {wrong[0]!r:.80}, which there is not."
            )
        if hop.credentials and not every.covering(hop_target(hop, seen)):
            raise UsageError(
                f"{file}: credential {hop.credentials[0]}: its scope does not cover the jump host {hop.address} in zone "
                f"{seen.zone}, which {credential.name} names; add it to `ranges` or `names`."
            )


def _jumps(value: Any) -> tuple[Hop, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= MAX_JUMPS or not all(isinstance(v, dict) for v in value):
        raise values.Wrong(
            f'wants a list of 1 to {MAX_JUMPS} tables: [{{ address = "bastion.example.org", credential = "NAME" }}]'
        )
    return tuple(_jump(item) for item in value)


def _jump(item: dict[str, Any]) -> Hop:
    unknown = sorted(set(item) - {"address", "port", "user", "credential"})
    if unknown:
        raise values.Wrong(f"has {unknown[0]!r:.80}; a jump host has address, port, user and credential")
    if "address" not in item:
        raise values.Wrong("wants the `address` of each jump host")
    address = values.text(item["address"])
    try:
        address = str(network(address).network_address) if "/" not in address else ""
    except ValueError:
        address = address if is_name(address) and not address.startswith("*") else ""
    if not address:
        raise values.Wrong("has an `address` that is neither an address nor a name")
    name = values.text(item["credential"]) if "credential" in item else ""
    return Hop(
        address=address,
        port=values.whole(1, 65535)(item.get("port", 22)),
        user=values.user(item["user"]) if "user" in item else "",
        credentials=(name,) if name else (),
    )

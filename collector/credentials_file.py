"""The file of credentials: TOML 1.0, a regular file of ours with mode 0600, without a single secret in it.

    [credential.linux-fleet]
    user = "survey"
    ranges = ["10.0.0.0/8", "fd00:10::/32"]       # or zones = ["branch"], or names = ["*.dmz.example.org"]
    key = "~/.ssh/survey"
    key_passphrase = "vault:survey-key"
    sudo = "without_password"

Every error names file, entry and key and never a value that may be a secret.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from cmdb.model.errors import UsageError
from collector import private_file
from collector.credentials import OWN_KEY, SUDO, WITH_PASSWORD, WITHOUT_PASSWORD, Credential, Credentials, hop_target
from collector.scope import Network, Scope, is_name, is_zone, network
from collector.secret_refs import SecretRef, reference
from collector.target import Hop, Target

MAX_BYTES = 1024 * 1024
MAX_ENTRIES = 1000
MAX_ITEMS = 1000
MAX_TEXT = 4096
MAX_JUMPS = 8
DEFAULT_ZONE = "default"

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}\Z", re.ASCII)
_USER = re.compile(r"[^\s\0-\x1f\x7f:/][^\0-\x1f\x7f:/]{0,255}\Z")
_KEYS = {
    "user", "ranges", "names", "zones", "key", "key_passphrase", "certificate", "agent", "password",
    "keyboard_interactive", "sudo", "sudo_password", "jumps", "order", "failures_in_a_row",
}  # fmt: skip
_Value = TypeVar("_Value")


class _Wrong(Exception):
    """What is wrong with one key of one entry."""


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


def _entry(entry: dict[str, Any], name: str, file: str) -> Credential:
    if not _NAME.match(name) or name == OWN_KEY:
        raise UsageError(
            f"{file}: {name!r:.80} is no name of a credential: letters, digits and _ . @ -, 64 at most, a letter or digit first."
        )
    try:
        unknown = sorted(set(entry) - _KEYS)
        if unknown:
            raise _Wrong(f"{unknown[0]!r:.80} is no key of an entry; there are {', '.join(sorted(_KEYS))}")
        return _credential(entry, name)
    except _Wrong as wrong:
        raise UsageError(f"{file}: credential {name}: {wrong}.") from None


def _credential(entry: dict[str, Any], name: str) -> Credential:
    made = Credential(
        name=name,
        scope=_scope(entry),
        user=_of(entry, "user", "", _user),
        key_file=_of(entry, "key", None, _path),
        passphrase=_of(entry, "key_passphrase", None, _reference),
        certificate_file=_of(entry, "certificate", None, _path),
        use_agent=_of(entry, "agent", False, _boolean),
        password=_of(entry, "password", None, _reference),
        keyboard_interactive=_of(entry, "keyboard_interactive", None, _reference),
        sudo=_of(entry, "sudo", WITHOUT_PASSWORD, _sudo),
        sudo_password=_of(entry, "sudo_password", None, _reference),
        jumps=_of(entry, "jumps", (), _jumps),
        order=_of(entry, "order", 0, _whole(-1_000_000, 1_000_000)),
        failures_in_a_row=_of(entry, "failures_in_a_row", 5, _whole(0, 1_000_000)),
    )
    if not made.methods:
        raise _Wrong("it has no way in: write `key`, `agent = true`, `password` or `keyboard_interactive`")
    for key in ("key_passphrase", "certificate"):
        if key in entry and made.key_file is None:
            raise _Wrong(f"`{key}` goes with `key`, which is missing")
    if (made.password or made.keyboard_interactive) and not made.user:
        raise _Wrong("a password is one account's: write `user`")
    if (made.sudo == WITH_PASSWORD) != (made.sudo_password is not None):
        raise _Wrong('`sudo = "with_password"` and `sudo_password` go together')
    return made


def _scope(entry: dict[str, Any]) -> Scope:
    ranges: tuple[Network, ...] = _of(entry, "ranges", (), _each(_range))
    names: tuple[str, ...] = _of(entry, "names", (), _each(_host_name))
    zones: tuple[str, ...] = _of(entry, "zones", (), _each(_zone))
    if not ranges and not names and not zones:
        raise _Wrong('it has no scope: write `ranges = ["10.0.0.0/8"]`, or `zones`, for where it may be used')
    return Scope(zones or (DEFAULT_ZONE,), ranges, names)


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


def _of(entry: dict[str, Any], key: str, otherwise: _Value, read: Callable[[Any], _Value]) -> _Value:
    if key not in entry:
        return otherwise
    try:
        return read(entry[key])
    except _Wrong as wrong:
        raise _Wrong(f"`{key}` {wrong}") from None


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value or len(value) > MAX_TEXT or "\0" in value:
        raise _Wrong(f"wants a text of 1 to {MAX_TEXT} characters")
    return value


def _user(value: Any) -> str:
    if not _USER.match(_text(value)):
        raise _Wrong("is no name of a user")
    return str(value)


def _path(value: Any) -> Path:
    text = _text(value)
    if not text.startswith(("/", "~/")):
        raise _Wrong("wants the path of a file, from / or ~/")
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise _Wrong("begins with ~, and this user has no home folder") from None


def _reference(value: Any) -> SecretRef:
    try:
        return reference(_text(value))
    except ValueError as error:
        raise _Wrong(
            f"{error}: secrets do not stand here, but where env:NAME, file:/PATH, systemd:NAME or vault:NAME leads "
            "(`surveymark credential set NAME` puts one into the vault)"
        ) from None


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("is true or false")
    return value


def _sudo(value: Any) -> str:
    if value not in SUDO:
        raise _Wrong(f"is one of {', '.join(SUDO)}")
    return str(value)


def _whole(least: int, most: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise _Wrong(f"is a whole number from {least} to {most}")
        return value

    return read


def _each(read: Callable[[Any], _Value]) -> Callable[[Any], tuple[_Value, ...]]:
    def every(value: Any) -> tuple[_Value, ...]:
        if not isinstance(value, list) or not 0 < len(value) <= MAX_ITEMS:
            raise _Wrong(f"wants a list of 1 to {MAX_ITEMS} texts")
        return tuple(read(item) for item in value)

    return every


def _range(value: Any) -> Network:
    try:
        return network(_text(value))
    except ValueError:
        raise _Wrong(f"has {value!r:.80}, which is no range: write 10.0.0.0/8, fd00::/8 or an address") from None


def _host_name(value: Any) -> str:
    if not is_name(_text(value)):
        raise _Wrong(f"has {value!r:.80}, which is no name of a host: write bastion.example.org or *.example.org")
    return str(value)


def _zone(value: Any) -> str:
    if not is_zone(_text(value)):
        raise _Wrong(f"has {value!r:.80}, which is no name of a zone: letters, digits and _ . -")
    return str(value)


def _jumps(value: Any) -> tuple[Hop, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= MAX_JUMPS or not all(isinstance(v, dict) for v in value):
        raise _Wrong(
            f'wants a list of 1 to {MAX_JUMPS} tables: [{{ address = "bastion.example.org", credential = "NAME" }}]'
        )
    return tuple(_jump(item) for item in value)


def _jump(item: dict[str, Any]) -> Hop:
    unknown = sorted(set(item) - {"address", "port", "user", "credential"})
    if unknown:
        raise _Wrong(f"has {unknown[0]!r:.80}; a jump host has address, port, user and credential")
    if "address" not in item:
        raise _Wrong("wants the `address` of each jump host")
    address = _text(item["address"])
    try:
        address = str(network(address).network_address) if "/" not in address else ""
    except ValueError:
        address = address if is_name(address) and not address.startswith("*") else ""
    if not address:
        raise _Wrong("has an `address` that is neither an address nor a name")
    name = _text(item["credential"]) if "credential" in item else ""
    return Hop(
        address=address,
        port=_whole(1, 65535)(item.get("port", 22)),
        user=_user(item["user"]) if "user" in item else "",
        credentials=(name,) if name else (),
    )

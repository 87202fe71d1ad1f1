"""Our encrypted store of secrets: one JSON file of mode 0600, each secret sealed by AES-256-GCM (NIST SP 800-38D).

The keys of the vault are derived (HKDF-SHA-256, RFC 5869) from 32 random bytes that lie elsewhere, or from a passphrase by
scrypt (RFC 7914). A sealed secret is bound to the vault, to its name and its version, so that it can be put in no other's
place; a seal over the whole file finds every other change: an entry taken out, another's salt, a bit anywhere. What can not
be found is a whole older file put back, which an older backup is. Names, versions and times are readable without the key.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from cmdb.model.errors import NotFoundError, SurveymarkError, UsageError
from cmdb.model.times import now
from collector import private_file
from collector.secret import Secret

MAX_BYTES = 16 * 1024 * 1024
MAX_ENTRIES = 1000
MAX_SECRET_BYTES = 64 * 1024
KEY_BYTES = 32
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,127}\Z", re.ASCII)

_FORMAT = "surveymark vault 1"
_NONCE_BYTES = 12
_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**17, 8, 1
"""128 MiB and some tenths of a second a try."""
_MAX_SCRYPT_N = 2**20


@dataclass(frozen=True, slots=True)
class VaultKey:
    """What opens a vault: the text of a key (64 hexadecimal digits, 32 bytes), or a passphrase."""

    secret: Secret
    passphrase: bool = False

    @property
    def kind(self) -> str:
        return "passphrase" if self.passphrase else "key"

    @classmethod
    def new(cls) -> VaultKey:
        """A random key."""
        return cls(Secret(secrets.token_hex(KEY_BYTES)))


@dataclass(frozen=True, slots=True)
class VaultName:
    """An entry as everybody may see it. `changed_at` in microseconds since 1970 UTC."""

    name: str
    version: int
    changed_at: int


class VaultDamaged(SurveymarkError):
    """The file is not what was written, or the key is not its key: which of both can not be told apart."""

    kind = "vault"


class Vault:
    """An open vault: what is sealed in the file as it was read. Changes are made by `changing`."""

    def __init__(self, path: Path, header: dict[str, Any], entries: dict[str, dict[str, Any]], keys: _Keys) -> None:
        self._path, self._header, self._entries, self._keys = path, header, entries, keys

    @classmethod
    def open(cls, path: Path, key: VaultKey) -> Vault:
        """Raises UsageError (missing, open to others, another kind of key), VaultDamaged (altered, or a wrong key)."""
        document = _read(path)
        header = document["header"]
        if key.kind != header["kind"]:
            raise UsageError(f"The vault {path} is opened by a {header['kind']}, not by a {key.kind}.")
        keys = _Keys.derive(key, header)
        try:
            keys.sealing.decrypt(
                _bytes(document["seal_nonce"]), _bytes(document["seal"]), _canonical(_sealed(document))
            )
        except InvalidTag:
            raise VaultDamaged(
                f"The vault {path} does not open: this is not its {header['kind']}, or the file was altered since. "
                "Give the right one, or put back a backup of the file."
            ) from None
        return cls(path, header, document["entries"], keys)

    @classmethod
    def create(cls, path: Path, key: VaultKey) -> Vault:
        """A new vault without entries, written. Raises UsageError where the file is there already."""
        with private_file.locked(path):
            if path.exists() or path.is_symlink():
                raise UsageError(f"The vault {path} is there already.")
            made = cls._empty(path, key)
            made._write()
        return made

    @classmethod
    def _empty(cls, path: Path, key: VaultKey) -> Vault:
        if not key.passphrase:
            _key_bytes(key.secret)
        header: dict[str, Any] = {
            "format": _FORMAT,
            "id": secrets.token_hex(16),
            "kind": key.kind,
            "salt": secrets.token_hex(16),
        }
        if key.passphrase:
            header |= {"n": _SCRYPT_N, "r": _SCRYPT_R, "p": _SCRYPT_P}
        return cls(path, header, {}, _Keys.derive(key, header))

    @classmethod
    @contextmanager
    def changing(cls, path: Path, key: VaultKey) -> Iterator[Vault]:
        """The vault with nobody else changing it; what was changed is written at the end, unless that failed."""
        with private_file.locked(path):
            vault = cls.open(path, key)
            yield vault
            vault._write()

    @classmethod
    def rekey(cls, path: Path, key: VaultKey, new: VaultKey) -> int:
        """Seal everything anew under another key, with new salts; returns how many secrets. The old key opens it no more."""
        with private_file.locked(path):
            old = cls.open(path, key)
            fresh = cls._empty(path, new)
            for name, entry in old._entries.items():
                fresh._entries[name] = fresh._seal(name, entry["version"], entry["changed_at"], old.get(name))
            fresh._write()
        return len(fresh._entries)

    @property
    def names(self) -> list[VaultName]:
        return [VaultName(n, e["version"], e["changed_at"]) for n, e in sorted(self._entries.items())]

    def get(self, name: str) -> Secret:
        """Raises NotFoundError, VaultDamaged."""
        entry = self._entries.get(name)
        if entry is None:
            raise NotFoundError(f"The vault {self._path} has no entry {name!r:.140}.")
        try:
            bound = self._bound(name, entry["version"], entry["changed_at"])
            return Secret(self._keys.secrets.decrypt(_bytes(entry["nonce"]), _bytes(entry["sealed"]), bound).decode())
        except (InvalidTag, UnicodeDecodeError):
            raise VaultDamaged(f"The entry {name} of the vault {self._path} was altered; set it again.") from None

    def set(self, name: str, secret: Secret) -> int:
        """Keep a secret, in the place of an older one; returns its version, from 1."""
        check_name(name)
        if not 0 < len(secret.reveal().encode()) <= MAX_SECRET_BYTES:
            raise UsageError(f"A secret has 1 to {MAX_SECRET_BYTES} bytes.")
        if name not in self._entries and len(self._entries) >= MAX_ENTRIES:
            raise UsageError(f"The vault {self._path} has {MAX_ENTRIES} entries, which is the most; remove some.")
        version = self._entries[name]["version"] + 1 if name in self._entries else 1
        self._entries[name] = self._seal(name, version, now(), secret)
        return version

    def remove(self, name: str) -> None:
        """Raises NotFoundError. Older copies of the file still have it."""
        if self._entries.pop(name, None) is None:
            raise NotFoundError(f"The vault {self._path} has no entry {name!r:.140}.")

    def _seal(self, name: str, version: int, changed_at: int, secret: Secret) -> dict[str, Any]:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        bound = self._bound(name, version, changed_at)
        sealed = self._keys.secrets.encrypt(nonce, secret.reveal().encode(), bound)
        return {"version": version, "changed_at": changed_at, "nonce": _text(nonce), "sealed": _text(sealed)}

    def _bound(self, name: str, version: int, changed_at: int) -> bytes:
        return _canonical([self._header["id"], name, version, changed_at])

    def _write(self) -> None:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        document: dict[str, Any] = {"header": self._header, "entries": self._entries, "seal_nonce": _text(nonce)}
        document["seal"] = _text(self._keys.sealing.encrypt(nonce, b"", _canonical(_sealed(document))))
        private_file.replace(self._path, _file(document))


def check_name(name: str) -> None:
    """Raises UsageError where it is no name of a secret."""
    if not NAME.match(name):
        raise UsageError(
            f"{name!r:.140} is no name of a secret: letters, digits and _ . @ -, 128 at most, a letter or digit first."
        )


def names(path: Path) -> list[VaultName]:
    """The entries of a vault as the file says, which is not proved without its key. Empty where there is no file."""
    if not path.exists():
        return []
    return [VaultName(n, e["version"], e["changed_at"]) for n, e in sorted(_read(path)["entries"].items())]


def kind(path: Path) -> str | None:
    """What opens the vault: "key" or "passphrase"; None where there is no file."""
    return str(_read(path)["header"]["kind"]) if path.exists() else None


@dataclass(frozen=True, slots=True, repr=False)
class _Keys:
    """Two keys of one vault: what seals secrets never seals the file."""

    secrets: AESGCM
    sealing: AESGCM

    @classmethod
    def derive(cls, key: VaultKey, header: Mapping[str, Any]) -> _Keys:
        salt = bytes.fromhex(header["salt"])
        if key.passphrase:
            scrypt = Scrypt(salt, KEY_BYTES, header["n"], header["r"], header["p"])
            root = scrypt.derive(key.secret.reveal().encode())
        else:
            root = _key_bytes(key.secret)
        made = HKDF(SHA256(), 2 * KEY_BYTES, salt, f"{_FORMAT} {header['id']}".encode()).derive(root)
        return cls(AESGCM(made[:KEY_BYTES]), AESGCM(made[KEY_BYTES:]))


def _key_bytes(secret: Secret) -> bytes:
    if not re.fullmatch(r"[0-9a-f]{64}", secret.reveal().strip(), re.ASCII):
        raise UsageError("The key of the vault is no key: 64 hexadecimal digits in lower case are wanted.")
    return bytes.fromhex(secret.reveal().strip())


def _read(path: Path) -> dict[str, Any]:
    """The file as a document of the right shape, in the very bytes that we write."""
    content = private_file.read(path, MAX_BYTES, "The vault")
    try:
        document = json.loads(content)
        if _shaped(document) and _file(document) == content:
            return dict(document)
    except (ValueError, RecursionError):
        pass
    raise VaultDamaged(
        f"{path} is no vault, or was altered; put back a backup of it, or move it away and set its secrets."
    )


def _shaped(document: Any) -> bool:
    if not isinstance(document, dict) or set(document) != {"header", "entries", "seal_nonce", "seal"}:
        return False
    header, entries = document["header"], document["entries"]
    return (
        _is_header(header)
        and isinstance(entries, dict)
        and len(entries) <= MAX_ENTRIES
        and all(NAME.match(name) and _is_entry(entry) for name, entry in entries.items())
        and _is_bytes(document["seal_nonce"])
        and _is_bytes(document["seal"])
    )


def _is_header(header: Any) -> bool:
    if not isinstance(header, dict) or header.get("format") != _FORMAT:
        return False
    wanted = {"format", "id", "kind", "salt"} | ({"n", "r", "p"} if header.get("kind") == "passphrase" else set())
    return (
        set(header) == wanted
        and header["kind"] in ("key", "passphrase")
        and all(isinstance(header[k], str) and re.fullmatch("[0-9a-f]{32}", header[k]) for k in ("id", "salt"))
        and ("n" not in wanted or _affordable(header["n"], header["r"], header["p"]))
    )


def _affordable(n: Any, r: Any, p: Any) -> bool:
    """What a file may ask of this machine: 1 GiB at most."""
    return (
        all(type(x) is int for x in (n, r, p)) and 2**14 <= n <= _MAX_SCRYPT_N and not n & (n - 1) and r == 8 and p == 1
    )


def _is_entry(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and set(entry) == {"version", "changed_at", "nonce", "sealed"}
        and all(type(entry[k]) is int and 0 <= entry[k] < 2**63 for k in ("version", "changed_at"))
        and _is_bytes(entry["nonce"])
        and _is_bytes(entry["sealed"])
    )


def _is_bytes(text: Any) -> bool:
    """Base64 in its one form (RFC 4648 section 4), at least a nonce long."""
    if not isinstance(text, str):
        return False
    try:
        return len(_bytes(text)) >= _NONCE_BYTES and _text(_bytes(text)) == text
    except (binascii.Error, ValueError):
        return False


def _sealed(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != "seal"}


def _file(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=True, indent=1, sort_keys=True).encode() + b"\n"


def _canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode()


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)

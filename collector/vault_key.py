"""Where the key of the vault comes from; the first that is there counts.

1. SURVEYMARK_VAULT_KEY_FILE: a file of ours, mode 0600, with 64 hexadecimal digits.
2. surveymark-vault-key in $CREDENTIALS_DIRECTORY: what systemd hands a service (systemd.exec(5), LoadCredential=), the same.
3. SURVEYMARK_VAULT_KEY: these digits themselves.
4. The file that the caller names, usually vault.key in the state folder, which is born with a vault.

A vault under a passphrase takes it from SURVEYMARK_VAULT_PASSPHRASE_FILE, from SURVEYMARK_VAULT_PASSPHRASE, or asks the person
at the terminal; a new one in the place of another comes from SURVEYMARK_VAULT_NEW_PASSPHRASE_FILE or the terminal.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cmdb.model.errors import UsageError
from collector import private_file
from collector.secret import Secret
from collector.secret_refs import MAX_SECRET_BYTES, as_secret
from collector.vault import Vault, VaultDamaged, VaultKey, kind

KEY_FILE = "SURVEYMARK_VAULT_KEY_FILE"
KEY = "SURVEYMARK_VAULT_KEY"
PASSPHRASE_FILE = "SURVEYMARK_VAULT_PASSPHRASE_FILE"  # noqa: S105 - no secret, but where it is
PASSPHRASE = "SURVEYMARK_VAULT_PASSPHRASE"  # noqa: S105 - as above
NEW_PASSPHRASE_FILE = "SURVEYMARK_VAULT_NEW_PASSPHRASE_FILE"  # noqa: S105 - as above
SYSTEMD_NAME = "surveymark-vault-key"


@dataclass(frozen=True, slots=True)
class VaultPlace:
    """The vault of one installation: its file, where a key of ours would be, and how a person is asked."""

    path: Path
    key_file: Path
    ask: Callable[[str], str | None] = lambda _: None
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def open(self) -> Vault:
        """Raises UsageError where there is no vault or nothing that opens it, VaultDamaged."""
        return Vault.open(self.path, self.key())

    def key(self) -> VaultKey:
        """What opens the vault that is there. Raises UsageError as `open` does."""
        match kind(self.path):
            case None:
                raise UsageError(f"There is no vault {self.path} yet; `surveymark credential set NAME` makes it.")
            case "passphrase":
                return self._passphrase(f"Passphrase of the vault {self.path}: ")
            case _:
                return self._given_key() or self._own_key()

    def create(self, by_passphrase: bool) -> VaultKey:
        """Make the vault without entries, and a key of our own where none is given; returns what opens it."""
        key = self._new_passphrase(PASSPHRASE_FILE) if by_passphrase else self._given_key() or self._born()
        Vault.create(self.path, key)
        return key

    def rekey(self, by_passphrase: bool = False, key_file: Path | None = None) -> int:
        """Seal all secrets anew under a new passphrase, the key in `key_file`, or a new key of our own; returns how many.

        A crash at any point leaves a vault that opens: a new key of our own is kept beside the old one until it counts.
        """
        old = self.key()
        if by_passphrase:
            return Vault.rekey(self.path, old, self._new_passphrase(NEW_PASSPHRASE_FILE))
        if key_file is not None:
            return Vault.rekey(self.path, old, VaultKey(_content(key_file, "The vault's new key")))
        if not old.passphrase and self._given_key() is not None:
            raise UsageError(
                f"The key of the vault {self.path} is given from outside: name the file with the new one by --key-file, "
                "and hand that one over from then on."
            )
        with private_file.locked(self.key_file):
            new = VaultKey.new()
            private_file.replace(self._next, new.secret.reveal().encode() + b"\n")
            count = Vault.rekey(self.path, old, new)
            self._take_next()
        return count

    @property
    def _next(self) -> Path:
        return self.key_file.with_name(self.key_file.name + ".next")

    def _born(self) -> VaultKey:
        if not self.key_file.exists():
            private_file.replace(self.key_file, VaultKey.new().secret.reveal().encode() + b"\n")
        return VaultKey(_content(self.key_file, "The vault's key"))

    def _own_key(self) -> VaultKey:
        """The key of our own file; that of a change of keys that was cut short, where this is the one that opens."""
        files = [file for file in (self.key_file, self._next) if file.exists()]
        if not files:
            raise UsageError(
                f"Nothing opens the vault {self.path}: its key is neither in {KEY_FILE}, {KEY} nor {self.key_file}."
            )
        first = VaultKey(_content(files[0], "The vault's key"))
        if files == [self.key_file] or self._opens(first):
            return first
        last = VaultKey(_content(files[-1], "The vault's key"))
        if self._opens(last):
            self._take_next()
            return last
        return first

    def _opens(self, key: VaultKey) -> bool:
        try:
            Vault.open(self.path, key)
        except VaultDamaged:
            return False
        return True

    def _take_next(self) -> None:
        try:
            self._next.replace(self.key_file)
        except FileNotFoundError:
            pass  # Who opened the vault meanwhile did it.

    def _new_passphrase(self, file_variable: str) -> VaultKey:
        named = self.environment.get(file_variable)
        if named:
            return VaultKey(_content(Path(named), "The vault's passphrase"), passphrase=True)
        given = self._asked("New passphrase of the vault: ", file_variable)
        if self._asked("Again: ", file_variable) != given:
            raise UsageError("The two passphrases differ; nothing was changed.")
        return VaultKey(given, passphrase=True)

    def _passphrase(self, question: str) -> VaultKey:
        named = self.environment.get(PASSPHRASE_FILE)
        if named:
            return VaultKey(_content(Path(named), "The vault's passphrase"), passphrase=True)
        given = as_secret(os.fsencode(self.environment.get(PASSPHRASE, "")))
        return VaultKey(given or self._asked(question, PASSPHRASE_FILE), passphrase=True)

    def _asked(self, question: str, file_variable: str) -> Secret:
        said = Secret(self.ask(question) or "")
        if not said.reveal():
            raise UsageError(
                f"The vault {self.path} wants a passphrase: put it into a file (chmod 600) and the name of that file into "
                f"{file_variable}, or run this at a terminal."
            )
        return said

    def _given_key(self) -> VaultKey | None:
        named = self.environment.get(KEY_FILE)
        if named:
            return VaultKey(_content(Path(named), "The vault's key"))
        folder = self.environment.get("CREDENTIALS_DIRECTORY")
        if folder and (Path(folder) / SYSTEMD_NAME).exists():
            return VaultKey(_content(Path(folder) / SYSTEMD_NAME, "The vault's key"))
        given = as_secret(os.fsencode(self.environment.get(KEY, "")))
        return None if given is None else VaultKey(given)


def _content(path: Path, what: str) -> Secret:
    found = as_secret(private_file.read(path, MAX_SECRET_BYTES, what))
    if found is None:
        raise UsageError(f"{what} {path} is empty or no UTF-8 text.")
    return found

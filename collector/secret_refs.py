"""References to secrets, as the file of credentials has them in place of the secrets, and how they are resolved, late.

    env:NAME        the environment variable NAME
    file:PATH       the file, ours and of mode 0600; a line end after the secret is no part of it
    systemd:NAME    the credential NAME that systemd hands a service, a file in $CREDENTIALS_DIRECTORY (systemd.exec(5))
    vault:NAME      the entry NAME of our encrypted store (collector/vault.py)

A reference that does not resolve is no fault of the sweep: it is an outcome of the targets that need it.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cmdb.model.errors import SurveymarkError, UsageError
from collector import private_file
from collector.secret import Secret
from collector.vault import Vault

MAX_SECRET_BYTES = 64 * 1024

_FORMS: dict[str, re.Pattern[str]] = {
    "env": re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}\Z", re.ASCII),
    "file": re.compile(r"(?:/|~/)[^\0]{1,4094}\Z", re.DOTALL),
    "systemd": re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,127}\Z", re.ASCII),
    "vault": re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,127}\Z", re.ASCII),
}


@dataclass(frozen=True, slots=True)
class SecretRef:
    """Where a secret is: `kind` is "env", "file", "systemd" or "vault"."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


class Unresolved(Exception):
    """A reference leads to no secret; says which and why, and what to do."""

    def __init__(self, reference: SecretRef, reason: str, remedy: str) -> None:
        super().__init__(f"{reference}: {reason}")
        self.reference, self.reason, self.remedy = reference, reason, remedy


def reference(text: str) -> SecretRef:
    """The reference that a text is. Raises ValueError where it is none, without repeating it: it may be a secret."""
    kind, colon, name = text.partition(":")
    form = _FORMS.get(kind) if colon else None
    if form is None:
        raise ValueError("is no reference but, it seems, the secret itself")
    if not form.match(name):
        raise ValueError(f"is no reference of the form {kind}:{'/PATH' if kind == 'file' else 'NAME'}")
    return SecretRef(kind, name)


class Secrets:
    """Resolves references. Nothing is kept but the vault, which is opened when the first of its entries is asked for."""

    def __init__(
        self, open_vault: Callable[[], Vault] | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        self._open_vault = open_vault
        self._environment = os.environ if environment is None else environment
        self._lock = threading.Lock()
        self._vault: Vault | None = None
        self._why_no_vault: str | None = None

    def get(self, wanted: SecretRef) -> Secret:
        """The secret. Raises Unresolved."""
        match wanted.kind:
            case "env":
                return self._from_environment(wanted)
            case "file":
                return self._from_file(wanted, _expanded(wanted))
            case "systemd":
                folder = self._environment.get("CREDENTIALS_DIRECTORY")
                if not folder:
                    raise Unresolved(
                        wanted, "$CREDENTIALS_DIRECTORY is not set", "run this as a service with LoadCredential="
                    )
                return self._from_file(wanted, Path(folder) / wanted.name)
            case _:
                return self._from_vault(wanted)

    def _from_environment(self, wanted: SecretRef) -> Secret:
        found = as_secret(os.fsencode(self._environment.get(wanted.name, "")))
        if found is None:
            why = "the variable is not set, is empty or no UTF-8 text"
            raise Unresolved(wanted, why, f"set {wanted.name} for the process that sweeps")
        return found

    def _from_file(self, wanted: SecretRef, path: Path) -> Secret:
        try:
            found = as_secret(private_file.read(path, MAX_SECRET_BYTES))
        except SurveymarkError as error:
            raise Unresolved(wanted, error.message, f"put the secret into {path}, and chmod 600 {path}") from None
        if found is None:
            raise Unresolved(wanted, "it is empty or no UTF-8 text", f"put the secret into {path}")
        return found

    def _from_vault(self, wanted: SecretRef) -> Secret:
        with self._lock:
            if self._vault is None and self._why_no_vault is None:
                try:
                    if self._open_vault is None:
                        raise UsageError("there is no vault here")
                    self._vault = self._open_vault()
                except SurveymarkError as error:
                    self._why_no_vault = error.message
            vault, why = self._vault, self._why_no_vault
        if vault is None:
            raise Unresolved(wanted, str(why), f"surveymark credential set {wanted.name}")
        try:
            return vault.get(wanted.name)
        except SurveymarkError as error:
            raise Unresolved(wanted, error.message, f"surveymark credential set {wanted.name}") from None


def _expanded(wanted: SecretRef) -> Path:
    try:
        return Path(wanted.name).expanduser()
    except RuntimeError:
        raise Unresolved(wanted, "this user has no home folder", "write an absolute path") from None


def as_secret(content: bytes) -> Secret | None:
    """What was read as a secret: without one line end at its end. None where it is empty or no UTF-8 text."""
    try:
        found = Secret(content.decode())
    except UnicodeDecodeError:
        return None
    shorn = Secret(found.reveal().removesuffix("\n").removesuffix("\r"))
    return shorn if shorn.reveal() else None

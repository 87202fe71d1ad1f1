"""Where a sweep's own files lie: credentials and vault in the folder of settings, the vault's key and the memory of tries in
the state folder.

The folder of settings is $SURVEYMARK_CONFIG, else what systemd gives a service (systemd.exec(5), CONFIGURATION_DIRECTORY), else
/etc/surveymark for root, else the XDG folder of the user (XDG Base Directory Specification 0.8).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from api.credentials import asked
from api.state import State, state
from cmdb.model.errors import UsageError
from collector.attempts import Attempts
from collector.credentials import Credentials
from collector.offers import Offers
from collector.secret_refs import Secrets
from collector.sweep_settings import SweepSettings, load
from collector.vault_key import VaultPlace

if TYPE_CHECKING:
    from collector.snmp.signing_in import Logins

SYSTEM = Path("/etc/surveymark")


@dataclass(frozen=True, slots=True)
class SweepFiles:
    """The files of one installation, or with `named` another file of credentials."""

    folder: Path
    state: State
    named: Path | None = None

    @property
    def credentials_path(self) -> Path:
        return self.named or self.folder / "credentials.toml"

    def credentials(self) -> Credentials:
        """The entries; none where the file is missing and was not named. Raises UsageError."""
        if self.named is None and not self.credentials_path.exists():
            return Credentials()
        return Credentials.load(self.credentials_path)

    def settings(self) -> SweepSettings:
        """Settings of sweeps, from sweep.toml beside the credentials' usual place. Raises UsageError."""
        return load(self.folder / "sweep.toml")

    @property
    def vault(self) -> VaultPlace:
        return VaultPlace(self.folder / "vault.json", self.state.folder / "vault.key", asked)

    def secrets(self) -> Secrets:
        """What resolves references; the vault is opened when it is first wanted."""
        return Secrets(lambda: self.vault.open())

    def attempts(self) -> Attempts:
        return Attempts(self.state.folder)

    def offers(self, secrets: Secrets | None = None) -> Offers:
        """What one sweep may offer its targets over SSH."""
        return Offers(self.credentials(), self.attempts(), secrets or self.secrets())

    def logins(self, engine: str, secrets: Secrets) -> Logins:
        """What one sweep may offer its targets by SNMP; `engine` is one of collector.snmp.engines."""
        from collector.snmp.signing_in import Logins

        return Logins(self.credentials(), secrets, self.attempts(), engine)


def sweep_files(named: str | None = None, environment: Mapping[str, str] | None = None) -> SweepFiles:
    """The files of this installation; `named` is what `--credentials` says. Raises UsageError where others may write the
    folder of settings, and so plant credentials."""
    given = dict(os.environ if environment is None else environment)
    folder = _settings(given)
    try:
        if folder.stat().st_mode & 0o022:
            raise UsageError(f"{folder} may be written by others; chmod go-w {folder}")
    except OSError:
        pass  # It is made when something is first kept in it.
    return SweepFiles(folder, state(given), Path(named).absolute() if named else None)


def _settings(given: Mapping[str, str]) -> Path:
    named = given.get("SURVEYMARK_CONFIG") or given.get("CONFIGURATION_DIRECTORY", "").split(":")[0]
    if named:
        return Path(named).absolute()
    if os.geteuid() == 0:
        return SYSTEM
    home = given.get("XDG_CONFIG_HOME", "")
    return (Path(home) if home.startswith("/") else Path.home() / ".config") / "surveymark"

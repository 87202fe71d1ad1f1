"""Whether all that the credentials refer to is there: secrets by their references, key files and certificates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cmdb.model.errors import SurveymarkError
from collector import private_file
from collector.credentials import Credential, Credentials
from collector.secret_refs import Secrets, Unresolved
from collector.snmp.credential import SnmpCredential


@dataclass(frozen=True, slots=True)
class Checked:
    """One reference or file: the entry, its key, where it leads, and why not."""

    credential: str
    key: str
    leads_to: str
    reason: str = ""
    remedy: str = ""

    @property
    def ok(self) -> bool:
        return not self.reason

    def document(self) -> dict[str, Any]:
        return {
            "credential": self.credential,
            "key": self.key,
            "leads_to": self.leads_to,
            "ok": self.ok,
            "reason": self.reason,
            "remedy": self.remedy,
        }


def check(credentials: Credentials, secrets: Secrets) -> list[Checked]:
    """Every reference and file of every entry, in the order of the entries."""
    return [found for entry in credentials.every for found in _entry(entry, secrets)]


def _entry(entry: Credential | SnmpCredential, secrets: Secrets) -> Iterator[Checked]:
    if isinstance(entry, Credential):
        yield from _files(entry)
    for key, reference in entry.references:
        try:
            secrets.get(reference)
        except Unresolved as error:
            yield Checked(entry.name, key, str(reference), error.reason.rstrip("."), error.remedy)
        else:
            yield Checked(entry.name, key, str(reference))


def _files(entry: Credential) -> Iterator[Checked]:
    if entry.key_file is not None:
        reason = ""
        try:
            private_file.check(entry.key_file)
        except SurveymarkError as error:
            reason = error.message.rstrip(".")
        yield Checked(entry.name, "key", str(entry.key_file), reason, "mend or replace the file" if reason else "")
    if entry.certificate_file is not None:
        missing = not entry.certificate_file.is_file()
        remedy = "have the key signed, or take `certificate` out" if missing else ""
        yield Checked(entry.name, "certificate", str(entry.certificate_file), "there is no such file" * missing, remedy)

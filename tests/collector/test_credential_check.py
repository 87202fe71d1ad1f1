"""Whether what credentials refer to is there."""

from __future__ import annotations

from pathlib import Path

from collector import private_file
from collector.credential_check import check
from collector.credentials import Credential, Credentials
from collector.scope import Scope
from collector.secret_refs import SecretRef, Secrets

SCOPE = Scope(("default",))


def test_every_reference_and_file_is_told_with_why_it_leads_nowhere(tmp_path: Path) -> None:
    made = Credential(
        "a", SCOPE, "u", key_file=tmp_path / "id", passphrase=SecretRef("env", "K"),
        certificate_file=tmp_path / "cert", password=SecretRef("env", "P"),
    )  # fmt: skip
    found = check(Credentials([made]), Secrets(environment={"P": "x"}))
    assert [(row.key, row.ok) for row in found] == [
        ("key", False), ("certificate", False), ("key_passphrase", False), ("password", True)
    ]  # fmt: skip
    assert all(row.reason and row.remedy for row in found if not row.ok)
    private_file.replace(tmp_path / "id", b"k")
    private_file.replace(tmp_path / "cert", b"c")
    assert all(row.ok for row in check(Credentials([made]), Secrets(environment={"P": "x", "K": "y"})))


def test_no_credentials_are_nothing_to_check() -> None:
    assert check(Credentials(), Secrets()) == []

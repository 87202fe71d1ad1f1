"""References to secrets."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.model.errors import UsageError
from collector.secret import Secret
from collector.secret_refs import SecretRef, Secrets, Unresolved, as_secret, reference
from collector.vault import Vault, VaultKey


@pytest.mark.parametrize(
    "text", ["env:SURVEY_PASSWORD", "file:/etc/x y", "file:~/x", "systemd:ssh.key", "vault:a-b@c.d"]
)
def test_a_reference_is_read_and_written_alike(text: str) -> None:
    assert str(reference(text)) == text


@pytest.mark.parametrize(
    "text", ["hunter2", "", "env", "env:", "env:1A", "env:A=B", "file:x", "vault:../x", "vault:a b", "plain:hunter2"]
)
def test_what_is_no_reference_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match="is no reference") as refused:
        reference(text)
    assert not text or text not in str(refused.value).replace("env:NAME", "").replace("vault:NAME", "")


@given(st.text())
def test_any_text_is_a_reference_or_refused(text: str) -> None:
    try:
        said = str(reference(text))
    except ValueError as error:
        said = "" if len(text) > 7 and text in str(error) else text
    assert said == text


def test_the_environment_is_read_when_it_is_asked_not_before() -> None:
    environment: dict[str, str] = {}
    secrets = Secrets(environment=environment)
    with pytest.raises(Unresolved, match="env:P: the variable is not set") as missing:
        secrets.get(SecretRef("env", "P"))
    assert "set P" in missing.value.remedy
    environment["P"] = "hunter2"
    assert secrets.get(SecretRef("env", "P")) == Secret("hunter2")
    environment["P"] = "\udcff"
    with pytest.raises(Unresolved, match="no UTF-8"):
        secrets.get(SecretRef("env", "P"))


def test_a_file_gives_its_secret_without_the_line_end(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    ref = SecretRef("file", str(path))
    with pytest.raises(Unresolved, match="No such file"):
        Secrets().get(ref)
    for content, secret in ((b"a b\n", "a b"), (b"a\r\n", "a"), (b" a\n\n", " a\n"), ("ä".encode(), "ä")):
        path.write_bytes(content)
        path.chmod(0o600)
        assert Secrets().get(ref) == Secret(secret)
    for content in (b"", b"\n", b"\xff\xfe"):
        path.write_bytes(content)
        with pytest.raises(Unresolved, match="empty or no UTF-8"):
            Secrets().get(ref)
    path.write_bytes(b"hunter2")
    path.chmod(0o644)
    with pytest.raises(Unresolved, match="open to others") as refused:
        Secrets().get(ref)
    assert "hunter2" not in str(refused.value)


def test_what_systemd_hands_over_is_found_by_name(tmp_path: Path) -> None:
    ref = SecretRef("systemd", "ssh")
    with pytest.raises(Unresolved, match="CREDENTIALS_DIRECTORY is not set"):
        Secrets(environment={}).get(ref)
    (tmp_path / "ssh").write_bytes(b"x")
    (tmp_path / "ssh").chmod(0o400)
    assert Secrets(environment={"CREDENTIALS_DIRECTORY": str(tmp_path)}).get(ref) == Secret("x")


def test_the_vault_is_opened_once_and_only_when_it_is_wanted(tmp_path: Path) -> None:
    key = VaultKey.new()
    Vault.create(tmp_path / "vault", key)
    with Vault.changing(tmp_path / "vault", key) as vault:
        vault.set("db", Secret("hunter2"))
    opened = []

    def open_vault() -> Vault:
        opened.append(1)
        return Vault.open(tmp_path / "vault", key)

    secrets = Secrets(open_vault, {"P": "x"})
    secrets.get(SecretRef("env", "P"))
    assert not opened
    assert [secrets.get(SecretRef("vault", "db")) for _ in range(3)] == [Secret("hunter2")] * 3
    assert len(opened) == 1
    with pytest.raises(Unresolved, match="no entry 'other'") as missing:
        secrets.get(SecretRef("vault", "other"))
    assert missing.value.remedy == "surveymark credential set other"


def test_a_vault_that_does_not_open_is_said_for_each_reference_and_tried_once() -> None:
    tried = []

    def closed() -> Vault:
        tried.append(1)
        raise UsageError("The vault is closed.")

    secrets = Secrets(closed)
    for name in ("a", "b"):
        with pytest.raises(Unresolved, match=f"vault:{name}: The vault is closed"):
            secrets.get(SecretRef("vault", name))
    assert len(tried) == 1
    with pytest.raises(Unresolved, match="no vault"):
        Secrets().get(SecretRef("vault", "a"))


def test_nothing_is_no_secret() -> None:
    assert as_secret(b"") is None
    assert as_secret(b"\n") is None

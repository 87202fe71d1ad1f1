"""Where the key of the vault comes from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cmdb.model.errors import UsageError
from collector import private_file
from collector.secret import Secret
from collector.vault import Vault, VaultDamaged, VaultKey
from collector.vault_key import VaultPlace


def private(path: Path, text: str) -> str:
    private_file.replace(path, text.encode())
    return str(path)


def nobody(_: str) -> str | None:
    return None


def place(tmp_path: Path, ask: Callable[[str], str | None] = nobody, **environment: str) -> VaultPlace:
    return VaultPlace(tmp_path / "config" / "vault.json", tmp_path / "state" / "vault.key", ask, environment)


def fill(where: VaultPlace, key: VaultKey) -> None:
    with Vault.changing(where.path, key) as vault:
        vault.set("a", Secret("hunter2"))


def test_a_key_of_our_own_is_born_with_the_vault_and_lies_elsewhere(tmp_path: Path) -> None:
    where = place(tmp_path)
    with pytest.raises(UsageError, match=r"no vault .* yet"):
        where.open()
    fill(where, where.create(by_passphrase=False))
    assert where.open().get("a") == Secret("hunter2")
    assert where.key_file.stat().st_mode & 0o777 == 0o600
    where.key_file.unlink()
    with pytest.raises(UsageError, match="Nothing opens the vault"):
        where.open()


def test_a_key_from_outside_comes_first_by_file_then_systemd_then_variable(tmp_path: Path) -> None:
    keys = {name: VaultKey.new() for name in ("file", "systemd", "variable")}
    private(tmp_path / "credentials" / "surveymark-vault-key", keys["systemd"].secret.reveal())
    given = {
        "SURVEYMARK_VAULT_KEY_FILE": private(tmp_path / "k", keys["file"].secret.reveal() + "\n"),
        "CREDENTIALS_DIRECTORY": str(tmp_path / "credentials"),
        "SURVEYMARK_VAULT_KEY": keys["variable"].secret.reveal(),
    }
    for name in ("file", "systemd", "variable"):
        where = place(tmp_path / name, nobody, **given)
        assert where.create(by_passphrase=False) == keys[name]
        where.open()
        given.pop(next(iter(given)))
    assert not list(tmp_path.rglob("vault.key"))


def test_a_passphrase_comes_from_a_file_a_variable_or_the_person(tmp_path: Path) -> None:
    asked: list[str] = []

    def person(question: str) -> str:
        asked.append(question)
        return "correct horse"

    where = place(tmp_path, person)
    fill(where, where.create(by_passphrase=True))
    assert asked == ["New passphrase of the vault: ", "Again: "]
    assert where.open().get("a") == Secret("hunter2")
    assert asked[2].startswith("Passphrase of the vault")
    assert place(tmp_path, SURVEYMARK_VAULT_PASSPHRASE="correct horse").open().get("a") == Secret("hunter2")
    file = private(tmp_path / "p", "correct horse\n")
    assert place(tmp_path, SURVEYMARK_VAULT_PASSPHRASE_FILE=file).open().get("a") == Secret("hunter2")
    with pytest.raises(UsageError, match="SURVEYMARK_VAULT_PASSPHRASE_FILE, or run this at a terminal"):
        place(tmp_path).open()


def test_two_new_passphrases_that_differ_make_nothing(tmp_path: Path) -> None:
    said = iter(["one", "two"])
    where = place(tmp_path, lambda _: next(said))
    with pytest.raises(UsageError, match="differ"):
        where.create(by_passphrase=True)
    assert not where.path.exists()


def test_rekeying_gives_a_new_key_of_our_own_and_changes_between_kinds(tmp_path: Path) -> None:
    where = place(tmp_path, lambda _: "correct horse")
    first = where.create(by_passphrase=False)
    fill(where, first)

    assert where.rekey() == 1
    assert where.key() != first
    assert where.open().get("a") == Secret("hunter2")
    where.rekey(by_passphrase=True)
    assert where.key().passphrase
    assert where.open().get("a") == Secret("hunter2")
    file = private(tmp_path / "given", VaultKey.new().secret.reveal())
    where.rekey(key_file=Path(file))
    outside = place(tmp_path, SURVEYMARK_VAULT_KEY_FILE=file)
    assert outside.open().get("a") == Secret("hunter2")
    with pytest.raises(UsageError, match="given from outside"):
        outside.rekey()


def test_a_change_of_keys_that_was_cut_short_at_any_point_leaves_a_vault_that_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = place(tmp_path)
    fill(where, where.create(by_passphrase=False))

    def cut(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Vault, "rekey", cut)
        with pytest.raises(KeyboardInterrupt):
            where.rekey()
    assert where.open().get("a") == Secret("hunter2")
    with monkeypatch.context() as patch:
        patch.setattr(VaultPlace, "_take_next", cut)
        with pytest.raises(KeyboardInterrupt):
            where.rekey()
    assert where.open().get("a") == Secret("hunter2")
    assert not where._next.exists()
    assert where.rekey() == 1
    assert where.open().get("a") == Secret("hunter2")


def test_a_key_left_over_never_takes_the_place_of_the_right_one(tmp_path: Path) -> None:
    where = place(tmp_path)
    right = where.create(by_passphrase=False)
    private(where._next, VaultKey.new().secret.reveal())
    content = where.path.read_bytes()
    where.path.write_bytes(content.replace(b'"seal": "', b'"seal": "A', 1))
    with pytest.raises(VaultDamaged):
        where.open()
    where.path.write_bytes(content)
    assert where.key() == right

"""Our encrypted store of secrets."""

from __future__ import annotations

import json
import random
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cmdb.model.errors import NotFoundError, SurveymarkError, UsageError
from collector.secret import Secret
from collector.vault import MAX_SECRET_BYTES, Vault, VaultDamaged, VaultKey, kind, names

KEY = VaultKey(Secret("0123456789abcdef" * 4))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "vault.json"
    Vault.create(made, KEY)
    return made


def put(path: Path, **secrets: str) -> None:
    with Vault.changing(path, KEY) as vault:
        for name, secret in secrets.items():
            vault.set(name, Secret(secret))


def test_what_was_set_is_got_back_and_stands_nowhere_in_the_file(path: Path) -> None:
    put(path, db="hunter2", web="pässwörd")

    vault = Vault.open(path, KEY)
    assert vault.get("db") == Secret("hunter2")
    assert vault.get("web") == Secret("pässwörd")
    assert b"hunter2" not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [n.name for n in names(path)] == ["db", "web"] == [n.name for n in vault.names]
    assert kind(path) == "key"


def test_each_setting_counts_the_version_up_and_removing_ends_it(path: Path) -> None:
    with Vault.changing(path, KEY) as vault:
        assert [vault.set("a", Secret(s)) for s in ("1", "2")] == [1, 2]
    assert Vault.open(path, KEY).get("a") == Secret("2")
    with Vault.changing(path, KEY) as vault:
        vault.remove("a")
    with pytest.raises(NotFoundError, match="no entry 'a'"):
        Vault.open(path, KEY).get("a")
    with pytest.raises(NotFoundError), Vault.changing(path, KEY) as vault:
        vault.remove("a")


def test_a_change_that_fails_leaves_the_file_as_it_was(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(UsageError), Vault.changing(path, KEY) as vault:
        vault.set(["a", "no name"][vault.set("a", Secret("1"))], Secret("2"))
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["", "a b", "../a", "-a", "a\n", "x" * 129, "ä"])
def test_a_name_has_a_form(path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="no name of a secret"), Vault.changing(path, KEY) as vault:
        vault.set(name, Secret("1"))


def test_secrets_have_a_size(path: Path) -> None:
    for text in ("", "x" * (MAX_SECRET_BYTES + 1)):
        with pytest.raises(UsageError, match="1 to 65536 bytes") as refused, Vault.changing(path, KEY) as vault:
            vault.set("a", Secret(text))
        assert "xxxx" not in refused.value.message


def test_another_key_does_not_open_it(path: Path) -> None:
    put(path, a="1")
    with pytest.raises(VaultDamaged, match="this is not its key, or the file was altered"):
        Vault.open(path, VaultKey.new())
    with pytest.raises(UsageError, match="opened by a key, not by a passphrase"):
        Vault.open(path, VaultKey(Secret("x"), passphrase=True))
    for wrong in ("", "ab", "0" * 63, "0" * 65, "g" * 64):
        with pytest.raises(UsageError, match="64 hexadecimal digits"):
            Vault.open(path, VaultKey(Secret(wrong)))


def test_a_passphrase_opens_what_it_closed_and_no_other_does(tmp_path: Path) -> None:
    path = tmp_path / "vault.json"
    passphrase = VaultKey(Secret("correct horse"), passphrase=True)
    Vault.create(path, passphrase)
    with Vault.changing(path, passphrase) as vault:
        vault.set("a", Secret("hunter2"))
    assert Vault.open(path, passphrase).get("a") == Secret("hunter2")
    with pytest.raises(VaultDamaged, match="not its passphrase"):
        Vault.open(path, VaultKey(Secret("correct hors"), passphrase=True))
    assert kind(path) == "passphrase"


def test_a_file_can_not_ask_for_all_memory_or_for_a_weak_key(tmp_path: Path) -> None:
    path = tmp_path / "vault.json"
    passphrase = VaultKey(Secret("x"), passphrase=True)
    Vault.create(path, passphrase)
    document = json.loads(path.read_bytes())
    for change in ({"n": 2**30}, {"n": 3}, {"n": 2}, {"r": 10**9}, {"p": 4}, {"n": "x"}, {"n": True}):
        altered = {**document, "header": {**document["header"], **change}}
        path.write_bytes(json.dumps(altered, indent=1, sort_keys=True).encode() + b"\n")
        with pytest.raises(VaultDamaged, match="is no vault, or was altered"):
            Vault.open(path, passphrase)


def test_rekeying_keeps_the_secrets_and_ends_the_old_key(path: Path) -> None:
    put(path, a="1", b="2")
    versions = Vault.open(path, KEY).names
    new = VaultKey.new()

    assert Vault.rekey(path, KEY, new) == 2

    assert Vault.open(path, new).get("a") == Secret("1")
    assert Vault.open(path, new).names == versions
    with pytest.raises(VaultDamaged):
        Vault.open(path, KEY)


def test_a_vault_is_not_made_over_another(path: Path) -> None:
    with pytest.raises(UsageError, match="there already"):
        Vault.create(path, KEY)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    path = tmp_path_factory.mktemp("vault") / "vault.json"
    Vault.create(path, KEY)
    put(path, a="hunter2", b="second")
    return path, path.read_bytes()


def test_no_bit_of_the_file_can_be_turned_without_being_found(filled: tuple[Path, bytes]) -> None:
    path, content = filled
    try:
        for place in range(len(content)):
            turned = bytearray(content)
            turned[place] ^= 1 << random.randrange(8)
            path.write_bytes(turned)
            with pytest.raises(SurveymarkError):
                Vault.open(path, KEY)
    finally:
        path.write_bytes(content)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(data=st.data())
def test_whatever_else_lies_there_is_found_to_be_none_of_ours(filled: tuple[Path, bytes], data: st.DataObject) -> None:
    path, content = filled
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, len(content)))
    other = content[:start] + data.draw(st.binary(max_size=30)) + content[end:]
    try:
        path.write_bytes(other)
        if other != content:
            with pytest.raises(VaultDamaged):
                Vault.open(path, KEY)
            with pytest.raises(VaultDamaged):
                Vault.rekey(path, KEY, VaultKey.new())
    finally:
        path.write_bytes(content)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(
    document=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["header", "entries", "seal", "seal_nonce", "format", "id", "kind", "salt"]), inner
            )
        ),
    )
)
def test_any_json_is_refused_as_no_vault(filled: tuple[Path, bytes], document: object) -> None:
    path, content = filled
    try:
        path.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n")
        with pytest.raises(VaultDamaged):
            Vault.open(path, KEY)
    finally:
        path.write_bytes(content)


def swapped(document: dict) -> None:
    entries = document["entries"]
    entries["a"], entries["b"] = entries["b"], entries["a"]


def taken_out(document: dict) -> None:
    del document["entries"]["a"]


def renamed(document: dict) -> None:
    document["entries"]["c"] = document["entries"].pop("a")


def set_back(document: dict) -> None:
    document["entries"]["a"]["version"] += 1


@pytest.mark.parametrize("act", [swapped, taken_out, renamed, set_back])
def test_sealed_secrets_can_not_be_moved_taken_out_or_renamed(filled: tuple[Path, bytes], act: object) -> None:
    path, content = filled
    document = json.loads(content)
    assert callable(act)
    act(document)
    try:
        path.write_bytes(json.dumps(document, indent=1, sort_keys=True).encode() + b"\n")
        with pytest.raises(VaultDamaged, match="was altered"):
            Vault.open(path, KEY)
    finally:
        path.write_bytes(content)


def test_a_sealed_secret_is_bound_to_its_name_also_without_the_seal_of_the_file(path: Path) -> None:
    put(path, a="1", b="2")
    vault = Vault.open(path, KEY)
    swapped({"entries": vault._entries})
    with pytest.raises(VaultDamaged, match=r"entry a .* was altered"):
        vault.get("a")


def test_changes_at_the_same_time_are_all_kept(path: Path) -> None:
    threads = [threading.Thread(target=put, args=(path,), kwargs={f"n{i}": str(i)}) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    vault = Vault.open(path, KEY)
    assert {n.name: vault.get(n.name).reveal() for n in vault.names} == {f"n{i}": str(i) for i in range(8)}

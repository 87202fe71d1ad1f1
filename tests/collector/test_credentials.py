"""Which credentials a target gets, and what they offer it."""

from __future__ import annotations

import getpass
from dataclasses import replace
from pathlib import Path

import pytest

from collector import private_file
from collector.credentials import OWN_KEY, Credential, Credentials, hop_target
from collector.login import KeyFile
from collector.scope import Scope, network
from collector.secret import Secret
from collector.secret_refs import SecretRef, Secrets
from collector.target import Hop, Target

WEB = Target("web", "10.0.0.1")


def entry(name: str = "fleet", ranges: tuple[str, ...] = ("10.0.0.0/8",), **fields: object) -> Credential:
    made = Credential(name=name, scope=Scope(("default",), tuple(network(r) for r in ranges)), user="survey")
    return replace(made, **fields)  # type: ignore[arg-type]


def key_file(path: Path) -> Path:
    private_file.replace(path, b"a key")
    return path


def test_a_target_gets_the_entries_that_cover_it_in_their_order() -> None:
    found = Credentials(
        [
            entry("late", order=5),
            entry("a"),
            entry("b"),
            entry("elsewhere", ("192.168.0.0/16",)),
            entry("first", order=-1),
        ]
    )
    assert found.names(WEB) == ["first", "a", "b", "late"]
    assert found.names(Target("x", "172.16.0.1")) == []
    assert "No credential's scope covers 172.16.0.1 in zone default" in found.why_none(Target("x", "172.16.0.1"))
    assert "There are no credentials" in Credentials().why_none(WEB)


def test_a_target_that_names_entries_gets_these_in_its_order_and_never_beyond_their_scope() -> None:
    found = Credentials([entry("a"), entry("b"), entry("elsewhere", ("192.168.0.0/16",))])
    assert found.names(replace(WEB, credentials=("b", "a"))) == ["b", "a"]
    outside = replace(WEB, credentials=("elsewhere",))
    assert found.covering(outside) == []
    assert "scope of 'elsewhere', which it names, does not cover 10.0.0.1" in found.why_none(outside)
    unknown = replace(WEB, credentials=("typo",))
    assert found.covering(unknown) == []
    assert "'typo', which there is not" in found.why_none(unknown)


def test_key_files_that_an_inventory_names_come_first_and_need_no_entry(tmp_path: Path) -> None:
    path = key_file(tmp_path / "id")
    target = replace(WEB, identity_files=(str(path), "~nobody-at-all/id"), user="joe")
    own = Credentials([entry("a")]).covering(target)
    assert [c.name for c in own] == [OWN_KEY, OWN_KEY, "a"]
    login, problems = own[0].resolve(target, Secrets())
    assert login is not None
    assert (login.user, login.keys, problems) == ("joe", (KeyFile(path),), [])
    assert own[1].resolve(target, Secrets())[0] is None
    assert Credentials().covering(replace(target, user=""))[0].user_for(replace(target, user="")) == getpass.getuser()


def test_a_login_has_all_ways_of_the_entry_with_their_secrets(tmp_path: Path) -> None:
    path = key_file(tmp_path / "id")
    made = entry(
        key_file=path, passphrase=SecretRef("env", "K"), use_agent=True, password=SecretRef("env", "P"),
        keyboard_interactive=SecretRef("env", "P"), sudo="with_password", sudo_password=SecretRef("env", "S"),
    )  # fmt: skip
    login, problems = made.resolve(WEB, Secrets(environment={"K": "k", "P": "p", "S": "s"}))

    assert login is not None
    assert problems == []
    assert login.keys == (KeyFile(path, Secret("k")),)
    assert (login.password, login.keyboard_interactive, login.sudo) == (Secret("p"), Secret("p"), Secret("s"))
    assert login.use_agent
    assert login.names_range
    assert login.may_elevate
    assert made.methods == ("key", "agent", "password", "keyboard_interactive")
    assert "Secret(…)" in repr(login)


def test_an_entry_may_ask_for_doas_in_the_place_of_sudo(tmp_path: Path) -> None:
    login, _ = entry(key_file=key_file(tmp_path / "id"), sudo="doas").resolve(WEB, Secrets(environment={}))
    assert login is not None
    assert (login.may_elevate, login.by_doas, login.sudo) == (True, True, None)


def test_a_reference_that_leads_nowhere_leaves_the_other_ways(tmp_path: Path) -> None:
    made = entry(key_file=key_file(tmp_path / "id"), password=SecretRef("env", "P"), sudo="never")
    login, problems = made.resolve(WEB, Secrets(environment={}))
    assert login is not None
    assert login.password is None
    assert login.keys
    assert not login.may_elevate
    assert not login.by_doas
    assert problems == [
        "fleet: password = env:P: the variable is not set, is empty or no UTF-8 text; set P for the process that sweeps"
    ]
    alone, problems = entry(password=SecretRef("env", "P")).resolve(WEB, Secrets(environment={}))
    assert alone is None
    assert len(problems) == 1


def test_a_key_that_others_may_read_or_whose_passphrase_is_missing_is_not_offered(tmp_path: Path) -> None:
    path = key_file(tmp_path / "id")
    path.chmod(0o644)
    assert "chmod 600" in entry(key_file=path).resolve(WEB, Secrets())[1][0]
    path.chmod(0o600)
    login, problems = entry(key_file=path, passphrase=SecretRef("env", "K")).resolve(WEB, Secrets(environment={}))
    assert login is None
    assert "env:K" in problems[0]


def test_the_targets_user_stands_above_the_entrys_but_gets_no_password_of_another_account() -> None:
    made = entry(password=SecretRef("env", "P"), use_agent=True)
    root = replace(WEB, user="root")
    login, problems = made.resolve(root, Secrets(environment={"P": "p"}))
    assert login is not None
    assert (login.user, login.password, login.use_agent) == ("root", None, True)
    assert problems == ["fleet: its password is survey's, and the target names the user root"]
    same, problems = made.resolve(replace(WEB, user="survey"), Secrets(environment={"P": "p"}))
    assert same is not None
    assert same.password == Secret("p")
    nobody, problems = entry(user="", use_agent=True).resolve(WEB, Secrets())
    assert nobody is None
    assert "names a user" in problems[0]


def test_the_way_is_the_targets_own_or_that_of_the_first_entry_with_one() -> None:
    hop = Hop("192.0.2.1", credentials=("bastion",))
    found = Credentials([entry("a"), entry("b", jumps=(hop,))])
    assert found.way(WEB).jumps == (hop,)
    own = replace(WEB, jumps=(Hop("192.0.2.9"),))
    assert found.way(own) == own
    assert Credentials([entry("a")]).way(WEB) == WEB


def test_a_jump_host_gets_its_credentials_as_a_target_does() -> None:
    found = Credentials([entry("a"), entry("bastion", ("192.0.2.0/24",))])
    assert found.names(hop_target(Hop("192.0.2.1", user="joe"), WEB)) == ["bastion"]
    assert found.names(hop_target(Hop("192.0.2.1", credentials=("a",)), WEB)) == []
    assert hop_target(Hop("192.0.2.1", user="joe"), WEB).user == "joe"
    assert hop_target(Hop("10.0.0.1", name="bastion.example.org"), WEB).name == "bastion.example.org"


def test_a_document_of_an_entry_names_no_reference_and_no_secret() -> None:
    document = entry(password=SecretRef("env", "P"), jumps=(Hop("192.0.2.1"),)).document()
    assert document["methods"] == ["password"]
    assert document["ranges"] == ["10.0.0.0/8"]
    assert "env" not in str(document)


def test_entries_are_loaded_from_a_file(tmp_path: Path) -> None:
    private_file.replace(tmp_path / "c", b'[credential.a]\nuser = "u"\nagent = true\nzones = ["z"]\n')
    assert [c.name for c in Credentials.load(tmp_path / "c").entries] == ["a"]


@pytest.mark.parametrize("count", [0, 2000])
def test_choosing_for_many_targets_is_quick_enough_to_be_done_for_each(count: int) -> None:
    many = Credentials(entry(f"e{i}", (f"10.{i // 256}.{i % 256}.0/24",)) for i in range(count))
    assert len(many.covering(Target("x", "10.0.5.1"))) == (1 if count else 0)

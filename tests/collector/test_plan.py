"""What a sweep would do."""

from __future__ import annotations

import json
import pickle
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from cmdb.model.errors import UsageError
from collector import plan as module
from collector.outcome import FAILED, NOT_PERMITTED, TIMED_OUT, UNREACHABLE
from collector.plan import Plan, plan
from collector.ssh_config import SshConfig
from collector.target import Hop, Target
from tests.collector.planned import made


def config(text: str, folder: Path) -> SshConfig:
    (folder / "config").write_text(text)
    return SshConfig.load(folder / "config", home=folder, local_user="me", environment={})


def ends(found: Plan) -> list[tuple[str, str, str]]:
    return [(one.target, one.outcome, one.remedy) for one in found.refused]


def test_targets_stand_in_the_order_in_which_they_were_named() -> None:
    found = made("web", "10.0.0.8/30", "root@db:2222", "[fd00::9]:23", zone="dmz")

    assert found.targets == (
        Target("web", "10.0.0.1", zone="dmz"),
        Target("10.0.0.9", "10.0.0.9", zone="dmz"),
        Target("10.0.0.10", "10.0.0.10", zone="dmz"),
        Target("db", "10.0.0.2", 2222, "dmz", "root", alternatives=("fd00::2",)),
        Target("fd00::9", "fd00::9", 23, "dmz"),
    )
    assert (found.refused, found.ignored, found.notes, found.looked_up) == ((), (), (), 2)
    assert pickle.loads(pickle.dumps(found)) == found


def test_what_is_outside_of_the_permitted_ranges_is_refused_with_the_remedy() -> None:
    found = made("192.0.2.1", "192.0.2.0/29", "10.255.255.254-11.0.0.1", "outside", "mixed")

    assert [target.address for target in found.targets] == ["10.255.255.254", "10.255.255.255", "10.0.0.3"]
    assert ends(found) == [
        ("192.0.2.1", NOT_PERMITTED, "If it is yours to sweep, allow it: --permit 192.0.2.1."),
        ("192.0.2.1-192.0.2.6", NOT_PERMITTED, "If it is yours to sweep, allow it: --permit 192.0.2.1-192.0.2.6."),
        (
            "10.255.255.254-11.0.0.1",
            NOT_PERMITTED,
            "If it is yours to sweep, allow it: --permit 10.255.255.254-11.0.0.1.",
        ),
        ("outside", NOT_PERMITTED, "If it is yours to sweep, allow it: --permit 192.0.2.1."),
    ]
    assert found.refused[2].reason == (
        "2 of 4 addresses of 10.255.255.254-11.0.0.1 are outside of the permitted ranges."
    )
    assert found.notes == ("mixed: 192.0.2.1 of it outside of the permitted ranges, 10.0.0.3 is gone to.",)


def test_the_remedy_works() -> None:
    for word in ("192.0.2.1", "192.0.2.0/29", "10.255.255.254-11.0.0.1", "outside"):
        permit = [one.remedy.rpartition(" ")[2].rstrip(".") for one in made(word).refused]
        assert not made(word, permit=permit).refused


def test_settings_say_what_is_permitted() -> None:
    assert ends(made("web", ranges=["10.1.0.0/16"]))[0][:2] == ("web", NOT_PERMITTED)
    assert made("web", ranges=["10.1.0.0/16"], permit=["10.0.0.0/24"]).targets


def test_a_name_without_an_address_ends_that_target_alone() -> None:
    found = made("nowhere", "web")

    assert [target.name for target in found.targets] == ["web"]
    assert [(one.outcome, one.phase, one.reason) for one in found.refused] == [
        (UNREACHABLE, "resolve", "nowhere: the resolver says: 'no such name'.")
    ]


def test_a_name_server_that_is_silent_ends_the_target_in_time() -> None:
    end = threading.Event()
    found = plan(["silent"], seconds=0.05, look=lambda name: [str(end.wait(60))])
    end.set()

    assert [(one.outcome, one.phase) for one in found.refused] == [(TIMED_OUT, "resolve")]


def test_too_many_targets_are_refused_before_any_is_made() -> None:
    with pytest.raises(
        UsageError, match=r"10\.0\.0\.0/8 has 16,777,214 addresses; a sweep takes at most 65,536\. Name smaller"
    ):
        made("10.0.0.0/8")
    with pytest.raises(UsageError, match=r"fd00::/64 has 18,446,744,073,709,551,616 addresses"):
        made("fd00::/64")
    with pytest.raises(UsageError, match=r"The targets are 257 addresses, 10\.0\.1\.0/24 alone 254"):
        made("10.0.1.0/24", "10.0.2.1-3", most=256)
    assert len(made("10.1.0.0/23").targets) == 510


def test_an_address_is_one_target_however_often_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text(
        "prod ansible_host=10.0.0.1 ansible_port=2222 ansible_user=inv surveymark_zone=default\n"
    )

    found = made("10.0.0.0/30", "arg@www", "db", "db-again", inventories=[str(tmp_path / "hosts")])

    assert found.targets == (
        Target("www", "10.0.0.1", 2222, user="arg", host_names=("prod",)),
        Target("db", "10.0.0.2", alternatives=("fd00::2",), host_names=("db-again",)),
    )
    assert found.notes == (
        "4 times an address was named again; each is swept once.",
        "10.0.0.1: user inv of prod (hosts line 1) is not used; arg counts.",
    )


def test_an_address_in_two_zones_or_at_two_ports_is_two_targets(tmp_path: Path) -> None:
    (tmp_path / "hosts.csv").write_text("address,zone,port\n10.0.0.1,dmz,\n10.0.0.1,,2222\n")

    found = made("10.0.0.1:22", "10.0.0.1", inventories=[str(tmp_path / "hosts.csv")])

    assert [(target.zone, target.port) for target in found.targets] == [("default", 22), ("dmz", 22), ("default", 2222)]


def test_another_address_of_a_host_that_is_a_target_itself_stays_one() -> None:
    assert [(one.address, one.alternatives) for one in made("db", "fd00::2").targets] == [
        ("10.0.0.2", ()), ("fd00::2", ())
    ]  # fmt: skip


def test_what_is_said_with_a_target_counts_before_options_and_those_before_the_configuration(tmp_path: Path) -> None:
    ssh = config("Host web\n User cfg\n Port 1\nHost 10.0.0.9\n User cfg9\n Port 9\n", tmp_path)

    assert [(one.user, one.port) for one in made("web", "10.0.0.9", ssh_config=ssh).targets] == [
        ("cfg", 1),
        ("cfg9", 9),
    ]
    assert [(one.user, one.port) for one in made("a@web:3", "web", ssh_config=ssh, user="opt", port=2).targets] == [
        ("a", 3)
    ]
    assert [(one.user, one.port) for one in made("web", ssh_config=ssh, user="opt", port=2).targets] == [("opt", 2)]


def test_the_configuration_says_where_a_host_is_and_its_keys(tmp_path: Path) -> None:
    ssh = config(
        "Host alias\n HostName web\n HostKeyAlias key\n IdentityFile ~/id\n IdentitiesOnly yes\n UserKnownHostsFile ~/kh\n"
        " ProxyCommand x\nHost out\n HostName 192.0.2.1\nHost bad\n HostName a_b..c\n",
        tmp_path,
    )

    found = made("alias", "out", "bad", ssh_config=ssh)

    assert found.targets == (
        Target(
            "alias", "10.0.0.1", host_key_alias="key", identity_files=(f"{tmp_path}/id",), host_names=("web",),
            known_hosts_files=(f"{tmp_path}/kh",), identities_only=True,
        ),
    )  # fmt: skip
    assert [one[:2] for one in ends(found)] == [("bad", FAILED), ("out", NOT_PERMITTED)]
    assert found.ignored == ("~/config line 7: ProxyCommand would run a program, which a sweep never does.",)


def test_names_of_the_configuration_are_told_apart_by_capitals_as_ssh_does(tmp_path: Path) -> None:
    ssh = config("Host DB\n HostName 10.0.0.9\n ProxyJump JUMP\nHost JUMP\n HostName 10.9.0.9\n", tmp_path)
    (tmp_path / "hosts").write_text("DB ansible_user=x\n")

    assert made("DB", ssh_config=ssh).targets[0] == Target("db", "10.0.0.9", jumps=(Hop("10.9.0.9"),))
    assert made("db", ssh_config=ssh).targets[0].address == "10.0.0.2"
    assert made(inventories=[str(tmp_path / "hosts")], ssh_config=ssh).targets[0].address == "10.0.0.9"


def test_a_way_is_made_of_hops_and_each_is_permitted_or_not(tmp_path: Path) -> None:
    ssh = config(
        "Host 10.0.0.9\n ProxyJump none\nHost 10.0.0.*\n ProxyJump admin@jump:2222\nHost jump\n IdentityFile ~/jump\n"
        "Host 10.0.1.1\n ProxyJump far-jump\nHost 10.0.2.1\n ProxyJump nowhere\n",
        tmp_path,
    )

    found = made("10.0.0.5", "10.0.0.9", "10.0.1.1", "10.0.2.1", ssh_config=ssh)

    assert [(one.address, one.jumps) for one in found.targets] == [
        ("10.0.0.5", (Hop("10.9.0.1", 2222, "admin", (f"{tmp_path}/jump",), name="jump"),)),
        ("10.0.0.9", ()),
    ]
    assert [(one.target, one.outcome) for one in found.refused] == [("10.0.1.1", NOT_PERMITTED), ("10.0.2.1", FAILED)]
    assert "its jump host 192.0.2.9 is outside" in found.refused[0].reason
    assert "its jump host nowhere: the resolver says" in found.refused[1].reason
    assert len(made("10.0.1.1", ssh_config=ssh, permit=["192.0.2.9"]).targets) == 1


def test_the_way_of_a_credential_is_taken_where_it_is_permitted() -> None:
    def way(target: Target) -> Target:
        return target if target.jumps else replace(target, jumps=(Hop("jump" if target.name == "web" else "far-jump"),))

    found = made("web", "db", way=way)

    assert [(one.name, one.jumps) for one in found.targets] == [("web", (Hop("10.9.0.1", name="jump"),))]
    assert [(one.target, one.outcome) for one in found.refused] == [("db", NOT_PERMITTED)]


def test_a_name_behind_a_jump_host_is_left_to_that_host_and_permitted_by_name(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("db.internal ansible_ssh_common_args='-J jump'\n")
    inventories = [str(tmp_path / "hosts")]

    assert ends(made(inventories=inventories)) == [
        ("db.internal", NOT_PERMITTED, "If it is yours to sweep, allow it: --permit db.internal.")
    ]
    found = made(inventories=inventories, permit=["*.internal"])
    assert [(one.address, one.jumps) for one in found.targets] == [("db.internal", (Hop("10.9.0.1", name="jump"),))]
    assert found.looked_up == 1
    assert made(inventories=inventories, permit=["*.internal"], exclude=["*.internal"]).targets == ()


def test_a_jump_host_is_not_reached_by_way_of_itself(tmp_path: Path) -> None:
    ssh = config("Host *\n ProxyJump jump\n", tmp_path)

    assert [(one.name, len(one.jumps)) for one in made("jump", "10.0.0.5", ssh_config=ssh).targets] == [
        ("jump", 0), ("10.0.0.5", 1)
    ]  # fmt: skip


def test_what_inventories_say_is_taken_and_what_can_not_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text(
        "a ansible_host=10.0.0.7 ansible_port=2222 surveymark_zone=dmz surveymark_credentials=lab\n"
        "b ansible_host={{x}}\nc ansible_host=10.0.0.8 surveymark_zone='d m z'\n"
    )
    (tmp_path / "list.txt").write_text("10.0.0.20-22\n!10.0.0.21\n")

    found = made(inventories=[str(tmp_path / "hosts"), str(tmp_path / "list.txt")])

    assert found.targets[0] == Target("a", "10.0.0.7", 2222, "dmz", credentials=("lab",), origin="hosts line 1")
    assert [one.address for one in found.targets[1:]] == ["10.0.0.20", "10.0.0.22"]
    assert [(one.target, one.outcome, one.reason) for one in found.refused] == [
        ("b", FAILED, "hosts line 2: ansible_host is a template, which is never evaluated."),
        ("c", FAILED, "hosts line 3: 'd m z' is no name of a zone."),
    ]
    assert found.ignored == ("hosts line 2: ansible_host is a template, which is never evaluated.",)


def test_the_document_says_addresses_zones_ports_and_names_of_credentials(tmp_path: Path) -> None:
    ssh = config("Host 10.0.0.5\n ProxyJump root@10.9.0.9\n", tmp_path)

    def names(target: Target) -> Sequence[str]:
        return [f"for {target.address}"]

    found = made("db", "10.0.0.5:2222", "192.0.2.1", zone="dmz", ssh_config=ssh).document(names)

    assert json.loads(json.dumps(found)) == found
    assert found["targets"] == [
        {
            "target": "db", "address": "10.0.0.2", "alternatives": ["fd00::2"], "protocol": "ssh", "port": 22,
            "zone": "dmz", "user": None, "credentials": ["for 10.0.0.2"], "jumps": [], "origin": "argument",
        },
        {
            "target": "10.0.0.5", "address": "10.0.0.5", "alternatives": [], "protocol": "ssh", "port": 2222, "zone": "dmz",
            "user": None, "credentials": ["for 10.0.0.5"], "jumps": [{"address": "10.9.0.9", "port": 22, "user": "root"}],
            "origin": "argument",
        },
    ]  # fmt: skip
    assert [one["outcome"] for one in found["refused"]] == [NOT_PERMITTED]
    assert (found["ignored"], found["notes"], found["names_looked_up"]) == ([], [], 1)


def test_wrong_settings_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="no name of a zone"):
        made("web", zone="d m z")
    monkeypatch.setattr(module, "MOST_WORDS", 2)
    with pytest.raises(UsageError, match="3 targets are named"):
        made("web", "web", exclude=["db"])

"""What was asked for, before names are looked up."""

from __future__ import annotations

from pathlib import Path

import pytest

from cmdb.model.errors import UsageError
from collector.inventory.listed import Listed
from collector.permitted import Excluded, Permitted
from collector.ssh_config import SshConfig
from collector.targets import MOST_TARGETS, parse
from collector.wish import Wish, Wishes, configure, counted


def wishes(*out: str) -> Wishes:
    return Wishes(Permitted(), Excluded([parse(one, excludes=True) for one in out]), "default")


def test_a_range_is_one_wish_an_address_and_what_is_left_out_is_counted() -> None:
    made = wishes("10.0.0.2")
    made.add_word(parse("root@10.0.0.0/29:2222"))

    assert [one.host for one in made.made] == ["10.0.0.1", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6"]
    assert {(one.user, one.port, one.single, one.name == one.host) for one in made.made} == {
        ("root", 2222, False, True)
    }
    assert made.left_out == 1


def test_a_host_of_an_inventory_keeps_its_name_where_it_is_one_address() -> None:
    made = wishes()
    made.add_listed(Listed("web", parse("10.0.0.1"), "hosts line 1", zone="dmz"))
    made.add_listed(Listed("office", parse("10.0.0.2-3"), "list.csv line 2"))

    assert [(one.name, one.host, one.zone, one.single) for one in made.made] == [
        ("web", "10.0.0.1", "dmz", True),
        ("10.0.0.2", "10.0.0.2", "default", False),
        ("10.0.0.3", "10.0.0.3", "default", False),
    ]


def test_a_host_that_can_not_be_read_is_refused_with_its_place() -> None:
    made = wishes()
    made.add_listed(Listed("web", None, "hosts line 1", problem="ansible_host is empty"))

    assert [(one.target, one.reason, one.remedy) for one in made.refused] == [
        ("web", "hosts line 1: ansible_host is empty.", "Say in the inventory, in plain text, how it is reached.")
    ]


def test_the_configuration_fills_in_what_was_not_said(tmp_path: Path) -> None:
    (tmp_path / "config").write_text(
        "Host web\n HostName 10.0.0.9\n User cfg\n Port 23\n ProxyJump j\n IdentityFile /k\n"
    )
    config = SshConfig.load(tmp_path / "config", home=tmp_path, local_user="me", environment={})
    bare = Wish("web", "web", "argument", 0, "default")
    full = Wish("web", "web", "argument", 0, "default", user="me", port=1, identity_files=("/own",), jumps=())
    for one in (bare, full):
        configure(one, config, {})

    assert (bare.host, bare.host_names, bare.config_user, bare.config_port) == ("10.0.0.9", ("web",), "cfg", 23)
    assert (bare.jumps, bare.identity_files) == (("j",), ("/k",))
    assert (full.user, full.config_user, full.port, full.jumps) == ("me", "", 1, ())
    assert full.identity_files == ("/own", "/k")


def test_counting_names_the_largest() -> None:
    counted([parse("10.0.0.0/16")], MOST_TARGETS)
    counted([parse("2001:db8::/112")], MOST_TARGETS)
    with pytest.raises(UsageError, match=r"10\.0\.0\.0/30 has 2 addresses; a sweep takes at most 1"):
        counted([parse("10.0.0.0/30")], 1)

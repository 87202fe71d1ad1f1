"""Ways to hosts by way of others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cmdb.model.errors import UsageError
from collector.outcome import NOT_PERMITTED, UNREACHABLE
from collector.permitted import Permitted
from collector.resolution import Resolved
from collector.ssh_config import SshConfig
from collector.target import Hop, Target
from collector.ways import Ways, forbidden, led

FOUND = {name: Resolved((f"10.9.0.{number}",)) for number, name in enumerate(["a", "b", "c", "real-b"], 1)}


def config(text: str, folder: Path) -> SshConfig:
    (folder / "config").write_text(text)
    return SshConfig.load(folder / "config", home=folder, local_user="me", environment={})


def test_hops_stand_as_they_are_written_and_the_first_has_its_address() -> None:
    hops = Ways(None, {}).hops(["root@a:2222", "b"], ["web"], FOUND)

    assert hops == (Hop("10.9.0.1", 2222, "root", name="a"), Hop("b"))


def test_the_configuration_of_a_hop_counts_and_so_does_the_way_to_the_first(tmp_path: Path) -> None:
    ignored: dict[str, None] = {}
    ways = Ways(
        config(
            "Host a\n ProxyJump b\n Port 23\nHost b\n HostName real-b\n User bob\n IdentityFile /k\n HostKeyAlias kb\n"
            "Host c\n ProxyJump a\n ProxyCommand x\n Host d\n ProxyCommand y\n",
            tmp_path,
        ),
        ignored,
    )

    assert ways.hops(["a", "c", "d"], ["web"], FOUND) == (
        Hop("10.9.0.4", 22, "bob", ("/k",), "kb", name="real-b"),
        Hop("a", 23),
        Hop("c"),
        Hop("d"),
    )
    assert ways.first(["a"], ["web"]) == "real-b"
    assert list(ignored) == ["~/config line 13: ProxyCommand would run a program, which a sweep never does."]


def test_a_way_does_not_lead_by_way_of_its_end_or_in_a_circle(tmp_path: Path) -> None:
    ways = Ways(config("Host a\n ProxyJump b\nHost b\n ProxyJump a\n", tmp_path), {})

    assert [hop.address for hop in ways.hops(["a"], ["web"], FOUND)] == ["10.9.0.2", "a"]
    assert [hop.address for hop in ways.hops(["b"], ["b"], FOUND)] == ["10.9.0.1"]
    assert Ways(None, {}).hops(["b"], ["b"], FOUND) == ways.hops([], ["web"], FOUND) == ()
    assert not ways.leads(["a"], ["b"])


def test_a_jump_host_without_an_address_says_so() -> None:
    with pytest.raises(UsageError, match="its jump host a: the resolver is silent"):
        Ways(None, {}).hops(["a"], ["web"], {"a": Resolved(reason="the resolver is silent")})


def test_hops_are_bounded(tmp_path: Path) -> None:
    chain = "".join(f"Host h{number}\n ProxyJump h{number + 1}\n" for number in range(20))
    with pytest.raises(UsageError, match="more than 8 jump hosts"):
        Ways(config(chain, tmp_path), {}).first(["h0"], ["web"])


def test_hops_outside_of_the_permitted_ranges_are_forbidden() -> None:
    assert forbidden([Hop("10.0.0.1"), Hop("192.0.2.1")], Permitted()) == "192.0.2.1"
    assert forbidden([Hop("10.0.0.1"), Hop("name")], Permitted()) == "name"
    assert forbidden([Hop("10.0.0.1"), Hop("name")], Permitted(permit=["name"])) == ""


def test_ways_of_credentials_are_permitted_or_not_like_others() -> None:
    own = Target("own", "10.0.0.1", jumps=(Hop("10.9.9.9"),))
    targets = [
        own,
        *(Target(name, f"10.0.0.{number}") for number, name in enumerate(("a", "public", "none", "bare"), 2)),
    ]
    given = {"a": Hop("a", 23, credentials=("c",)), "public": Hop("192.0.2.1"), "none": Hop("nowhere")}
    asked: list[list[str]] = []

    def resolve(names: list[str]) -> dict[str, Resolved]:
        asked.append(names)
        return {**{name: FOUND[name] for name in names if name in FOUND}, "nowhere": Resolved(reason="no such name")}

    def way(target: Target) -> Target:
        hop = given.get(target.name)
        return replace(target, jumps=(hop,)) if hop else target

    found, refused = led(targets, way, Permitted(), resolve)

    assert asked == [["a", "nowhere"]]
    assert found == [own, replace(targets[1], jumps=(Hop("10.9.0.1", 23, credentials=("c",), name="a"),)), targets[4]]
    assert [(one.target, one.outcome) for one in refused] == [("public", NOT_PERMITTED), ("none", UNREACHABLE)]
    assert refused[0].remedy == "If it is yours to sweep, allow it: --permit 192.0.2.1."

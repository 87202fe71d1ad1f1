"""Rules of the host's packet filter."""

from __future__ import annotations

from typing import Any, cast

import pytest

from agent.fact import Collected, Context, Fact, Failed, File, Missing, NotApplicable, Outcome, Output
from agent.facts import firewall
from agent.facts.firewall import NFT, SAVES
from agent.run import needs_of
from tests.agent.supplied import made, recorded, run

SAVE, SAVE6 = SAVES
KERNEL = {"/proc/sys/kernel/osrelease": "6.1.0-35-amd64\n"}
MODULES = {**KERNEL, "/proc/modules": "nf_tables 290816 5 - Live 0x0\n"}
NONE = {**KERNEL, "/proc/modules": "ext4 983040 1 - Live 0x0\n"}
BUILT_IN = "/lib/modules/6.1.0-35-amd64/modules.builtin"
TABLE = "table ip a {\n\tchain in {\n\t\ttype filter hook input priority 0; policy drop;\n\t\tRULE\n\t}\n}\n"


def found(outcome: Outcome) -> dict[str, dict[str, Any]]:
    assert isinstance(outcome, Collected), outcome
    return {i.local_key(): i.attributes() for i in outcome.items}


def test_rules_of_a_host_with_ufw_and_a_table_of_its_own() -> None:
    known = found(run(firewall, recorded("debian12-firewall")))

    assert known["iptables/ip/filter/INPUT"]["policy"] == "drop"
    assert "-p tcp -m tcp --dport 22 -j ACCEPT" in known["iptables/ip/filter/ufw-user-input"]["rules"]
    assert known["iptables/ip6/filter/ufw6-user-input"]["rule_count"] == 1
    chain = known["nftables/inet/admin/input"]
    assert (chain["hook"], chain["policy"], chain["rule_count"]) == ("filter hook input priority filter", "drop", 6)
    assert 'ip saddr @trusted tcp dport { 22, 443, 8000-8100 } log prefix "in: " counter accept' in chain["rules"]
    # What iptables-save tells is not told once more in the words of nft.
    assert not any(key.startswith(("nftables/ip/", "nftables/ip6/")) for key in known)


def test_members_of_sets_are_told_unless_packets_fill_them() -> None:
    known = found(run(firewall, recorded("debian12-firewall")))

    assert known["inet/admin/trusted"]["element_count"] == 9
    assert "192.0.2.1-192.0.2.9" in known["inet/admin/trusted"]["elements"]
    assert known["inet/admin/banned"] == {
        "name": "inet admin banned",
        "family": "inet",
        "table": "admin",
        "set": "banned",
        "type": "ipv4_addr",
        "flags": "dynamic,timeout",
    }


def test_another_order_is_another_digest_of_the_same_rules() -> None:
    told = [
        found(run(firewall, made({**MODULES, NFT: TABLE.replace("RULE", rules)})))["nftables/ip/a/in"]
        for rules in ("tcp dport 22 drop\n\t\taccept", "accept\n\t\ttcp dport 22 drop")
    ]

    assert told[0]["rules"] == told[1]["rules"]
    assert told[0]["digest"] != told[1]["digest"]


def test_what_engines_change_by_themselves_is_left_out_but_not_the_rules_that_lead_there() -> None:
    save = (
        "*filter\n:FORWARD DROP [0:0]\n:DOCKER - [0:0]\n:DOCKER-USER - [0:0]\n:KUBE-SVC-ABC - [0:0]\n:f2b-sshd - [0:0]\n"
        "-A FORWARD -j DOCKER\n-A DOCKER -d 172.17.0.2/32 -j ACCEPT\n-A DOCKER-USER -s 10.0.0.0/8 -j RETURN\nCOMMIT\n"
    )
    shell = made({**MODULES, SAVE: save, NFT: "table ip kube-proxy {\n\tchain services {\n\t\taccept\n\t}\n}\n"})

    known = found(run(firewall, shell))

    assert list(known) == ["iptables/ip/filter/FORWARD", "iptables/ip/filter/DOCKER-USER"]
    assert known["iptables/ip/filter/FORWARD"]["rules"] == ["-j DOCKER"]


def test_more_rules_than_are_kept_are_counted_and_digested() -> None:
    rules = "\n\t\t".join(f"ip saddr 10.0.{n // 250}.{n % 250} drop" for n in range(1001))

    known = found(run(firewall, made({**MODULES, NFT: TABLE.replace("RULE", rules)})))["nftables/ip/a/in"]

    assert "rules" not in known
    assert known["rule_count"] == 1001
    assert known["digest"].startswith("sha256:")


@pytest.mark.parametrize(
    ("kernel", "asked"),
    [
        (MODULES, True),
        (KERNEL, True),  # without modules there is nothing to load
        ({**NONE, BUILT_IN: "kernel/net/netfilter/nf_tables.ko\n"}, True),
        ({**NONE, BUILT_IN: "kernel/fs/ext4/ext4.ko\n"}, False),
    ],
)
def test_a_filter_that_is_not_loaded_is_not_loaded_by_asking(kernel: dict[Any, Any], asked: bool) -> None:
    shell = made({**kernel, NFT: TABLE.replace("RULE", "accept")})

    needs = needs_of(shell, [cast(Fact, firewall)], Context())

    assert (NFT in needs, SAVE in needs) == (asked, asked)
    assert len(found(run(firewall, shell))) == asked


def test_without_a_tool_there_is_nothing_to_tell() -> None:
    assert isinstance(run(firewall, made(MODULES)), NotApplicable)


@pytest.mark.parametrize(
    "told",
    [
        {NFT: Output(b"", b"netlink: Error: cache initialization failed: Operation not permitted\n", 1)},
        {NFT: Missing("denied", "/usr/sbin/nft -s list ruleset tells this to root only; run as root")},
        {NFT: Missing("too_big", "nft printed more than 16777216 bytes")},
        {NFT: TABLE[:-2]},
        {NFT: TABLE, SAVE6: Output(b"", b"ip6tables-save: Fatal\n", 4)},
        {NFT: TABLE, SAVE: "*filter\n"},
        {SAVE: Output(b"", b"# Warning: iptables-legacy tables present, use iptables-legacy-save to see them\n")},
        {NFT: TABLE, File("/proc/modules"): Missing("denied", "/proc/modules may not be read")},
    ],
)
def test_what_can_not_be_asked_or_is_cut_is_a_failure(told: dict[Any, Any]) -> None:
    assert isinstance(run(firewall, made({**MODULES, **told})), Failed)


def test_a_secret_in_a_comment_is_masked() -> None:
    shell = made({**MODULES, NFT: TABLE.replace("RULE", 'accept comment "password=Tr0ub4dor"')})

    assert "Tr0ub4dor" not in repr(run(firewall, shell))

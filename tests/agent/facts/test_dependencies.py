"""Dependencies that configuration declares."""

from __future__ import annotations

import pytest

from agent.fact import Collected, Content, Failed, Missing
from agent.facts import dependencies
from agent.facts.dependencies import (
    Declared,
    parse_fstab,
    parse_ntp,
    parse_resolv,
    parse_timesyncd,
    servers,
)
from tests.agent.supplied import made, recorded, run

ROOT = "27 1 254:0 / / rw,relatime - ext4 /dev/vda1 rw\n"
NFS = "36 27 0:51 / /home rw - nfs4 filer:/home rw,vers=4.2,addr=10.0.0.7\n"


def collected(content: dict) -> tuple[dict, list]:
    """The host's attributes, and (address, port, why, evidence, strength) of each dependency."""
    outcome = run(dependencies, made({"/proc/self/mountinfo": ROOT, **content}))
    assert isinstance(outcome, Collected)
    edges = []
    for relation in outcome.relations:
        assert (relation.type, relation.subject) == ("DEPENDS_ON", ".")
        assert isinstance(relation.object, dict)
        told = relation.attributes
        edges.append(
            (relation.object["address"], relation.object.get("port"), told["why"], told["evidence"], told["strength"])
        )
    return dict(outcome.items[0].attributes()), edges


def test_the_recorded_host() -> None:
    outcome = run(dependencies, recorded("debian12-lab"))

    assert isinstance(outcome, Collected)
    assert outcome.items[0].attributes() == {"resolvers": ["10.255.255.53"], "search_domains": [], "time_sources": []}
    assert [(r.object, r.attributes["strength"]) for r in outcome.relations] == [
        ({"address": "10.255.255.53", "protocol": "udp", "port": 53}, "hard")
    ]


def test_several_resolvers_are_soft_and_a_local_one_is_no_dependency() -> None:
    host, edges = collected(
        {
            "/etc/resolv.conf": "# made\nsearch old\nnameserver 10.0.0.53\nnameserver 2001:DB8::53 # two\n"
            "nameserver 127.0.0.1\nsearch a.example b.example\n"
        }
    )
    assert host["resolvers"] == ["10.0.0.53", "127.0.0.1", "2001:DB8::53"]
    assert host["search_domains"] == ["a.example", "b.example"]
    assert edges == [
        ("10.0.0.53", 53, "resolver", "/etc/resolv.conf:3", "soft"),
        ("2001:db8::53", 53, "resolver", "/etc/resolv.conf:4", "soft"),
    ]


def test_the_stub_of_systemd_resolved_is_followed() -> None:
    host, edges = collected(
        {
            "/etc/resolv.conf": "nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch stub.example\n",
            "/run/systemd/resolve/resolv.conf": "nameserver 10.0.0.53\nsearch real.example\n",
        }
    )
    assert (host["resolvers"], host["search_domains"]) == (["10.0.0.53"], ["real.example"])
    assert edges == [("10.0.0.53", 53, "resolver", "/run/systemd/resolve/resolv.conf:1", "hard")]


def test_chrony_comes_before_timesyncd_and_names_are_not_looked_up() -> None:
    host, edges = collected(
        {
            "/etc/chrony/chrony.conf": "! old\npool 2.debian.pool.ntp.org iburst\nserver 10.0.0.123 prefer\nserver ntp1 iburst\n",
            dependencies._CHRONY_MORE[1]: {"/etc/chrony/sources.d/a.sources": Content(b"peer 10.0.0.124\n")},
            "/etc/systemd/timesyncd.conf": "[Time]\nNTP=10.9.9.9\n",
            "/etc/hosts": "127.0.0.1 localhost\n10.0.0.1 ntp1.example ntp1\n",
        }
    )
    assert host["time_sources"] == ["10.0.0.123", "10.0.0.124", "2.debian.pool.ntp.org", "ntp1"]
    assert edges == [
        ("10.0.0.123", 123, "time source", "/etc/chrony/chrony.conf:3", "soft"),
        ("10.0.0.1", 123, "time source", "/etc/chrony/chrony.conf:4", "soft"),
        ("10.0.0.124", 123, "time source", "/etc/chrony/sources.d/a.sources:1", "soft"),
    ]


def test_servers_of_ntpd_without_its_own_clocks() -> None:
    text = "driftfile /var/lib/ntp\nserver -4 10.0.0.1 iburst\nserver 127.127.1.0\npool 0.pool.example # all\nrestrict 10.0.0.2\n"

    assert parse_ntp(text, "/etc/ntp.conf") == [
        Declared("10.0.0.1", "/etc/ntp.conf:2"),
        Declared("0.pool.example", "/etc/ntp.conf:4"),
    ]


def test_an_empty_line_of_timesyncd_drops_what_came_before() -> None:
    texts = {"/a": "[Time]\nNTP=10.0.0.1 10.0.0.2\nFallbackNTP=10.0.0.3\n", "/b": "[Time]\nNTP=\nNTP=10.0.0.4\n"}

    assert parse_timesyncd({"/a": texts["/a"]}) == [Declared("10.0.0.1", "/a:2"), Declared("10.0.0.2", "/a:2")]
    assert parse_timesyncd(texts) == [Declared("10.0.0.4", "/b:3")]


def test_network_mounts_of_fstab_and_of_now() -> None:
    fstab = "# all\nfiler:/home /home nfs4 rw 0 0\n//10.0.0.8/share /mnt cifs password=hunter2 0 0\nold:/x /x nfs noauto 0 0\n"
    _, edges = collected({"/proc/self/mountinfo": ROOT + NFS, "/etc/fstab": fstab})
    assert edges == [
        ("10.0.0.7", 2049, "network mount", "/etc/fstab:2", "hard"),
        ("10.0.0.8", 445, "network mount", "/etc/fstab:3", "hard"),
    ]

    _, mounted = collected({"/proc/self/mountinfo": ROOT + NFS})
    assert mounted == [("10.0.0.7", 2049, "network mount", "/proc/self/mountinfo: /home", "hard")]


def test_two_mounts_of_one_server_are_one_dependency() -> None:
    _, edges = collected({"/etc/fstab": "10.0.0.7:/a /a nfs rw 0 0\n10.0.0.7:/b /b nfs rw 0 0\n"})

    assert edges == [("10.0.0.7", 2049, "network mount", "/etc/fstab:1, /etc/fstab:2", "hard")]


@pytest.mark.parametrize(
    ("source", "type_name", "expected"),
    [
        ("filer:/home", "nfs4", ["filer"]),
        ("[2001:db8::7]:/home", "nfs", ["2001:db8::7"]),
        ("//filer/share/sub", "cifs", ["filer"]),
        ("10.0.0.1:6789,10.0.0.2:6789:/", "ceph", ["10.0.0.1", "10.0.0.2"]),
        ("joe@host:dir", "fuse.sshfs", ["host"]),
        ("10.0.0.1@tcp:/scratch", "lustre", ["10.0.0.1"]),
        ("https://joe@dav.example/files", "davfs", ["dav.example"]),
        ("gluster1:volume", "fuse.glusterfs", ["gluster1"]),
        ("share", "9p", []),
        ("s3bucket", "fuse.s3fs", []),
    ],
)
def test_servers_of_a_network_mount(source: str, type_name: str, expected: list[str]) -> None:
    assert servers(source, type_name) == expected


def test_a_resolver_that_is_no_address_is_an_error() -> None:
    with pytest.raises(Exception, match=r"/etc/resolv\.conf:2: not understood"):
        parse_resolv("\nnameserver ns.example\n", "/etc/resolv.conf")


def test_a_file_that_may_not_be_read_fails_the_section() -> None:
    shell = made(
        {"/proc/self/mountinfo": ROOT, "/etc/chrony/chrony.conf": Missing("denied", "/etc/chrony/chrony.conf: no")}
    )

    assert run(dependencies, shell) == Failed("/etc/chrony/chrony.conf: no")


def test_lines_of_fstab_that_are_no_mounts_are_left_out() -> None:
    assert parse_fstab("# x\n\nproc\nUUID=1 / ext4 defaults 0 1\n") == []

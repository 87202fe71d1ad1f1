"""Needs are sorted by how a far shell supplies them."""

from __future__ import annotations

from agent.fact import Capacity, Command, Digests, File, Files, Links, Usual
from collector.ssh.wanted import folders, listed, plain, wanted


def test_needs_stand_in_their_places_once() -> None:
    uname = Command(("/usr/bin/uname", "-m"))
    found = wanted(
        [File("/proc/meminfo"), File("/proc/meminfo", 10), File("/etc/a"), Files("/etc/b/*"), Digests("/etc/*", 5),
         Digests("/etc/a", 7), Links("/proc/self/exe"), Links("/etc/l/*"), Links("/proc/[0-9]*/fd/*", starting="socket:["),
         Files("/proc/[0-9]*/status", keep=("Uid",)), Capacity()],
        [Usual(uname, unless="/x")],
    )  # fmt: skip

    assert found.texts == ["/proc/meminfo"]
    assert found.files == ["/etc/a", "/etc/b/*"]
    assert found.digests == ["/etc/*", "/etc/a"]
    assert found.digest_limit == 7
    assert found.kernel_links == ["/proc/self/exe"]
    assert found.links == ["/etc/l/*"]
    assert found.sockets == ["/proc/[0-9]*/fd/*"]
    assert found.lines == {"/proc/[0-9]*/status": ("Uid",)}
    assert found.commands == {uname: ("", "/x", "")}
    assert found.capacity


def test_a_command_that_is_needed_anyway_has_no_condition() -> None:
    need = Command(("/usr/bin/uname", "-m"))

    assert wanted([need], [Usual(need, where="/x")]).commands == {need: ("", "", "")}


def test_what_is_no_plain_path_is_not_asked_for() -> None:
    bad = ["relative", "/etc/../etc/passwd", "/a\nb", "/a\0", "//a", "/a\x1b"]

    assert not any(map(plain, bad))
    assert wanted(map(File, bad)).files == []


def test_folders_are_those_on_the_way_and_those_that_are_listed() -> None:
    assert folders(["/etc/a/b", "/etc/rc?.d/*"]) == ["/", "/etc", "/etc/a", "/etc/rc?.d"]
    assert listed(["/etc/a/b", "/etc/rc?.d/*", "/x/*"]) == ["/etc", "/etc/rc?.d", "/x"]

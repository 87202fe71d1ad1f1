"""What a fact is handed, and what it learns of what is missing."""

from __future__ import annotations

import pytest

from agent.fact import Capacity, Command, Content, Digests, File, Files, Links, Material, Missing, Output, Unavailable

NEED = File("/etc/hostname")


def test_a_file_that_was_supplied_is_handed_over_as_text() -> None:
    material = Material({NEED: Content(b"web\n")})

    assert material.file("/etc/hostname").text == "web\n"
    assert material.missing(NEED) is None


def test_bytes_that_are_no_text_are_shown_and_not_refused() -> None:
    assert Content(b"caf\xe9").text == "caf\ufffd"
    assert Output(b"\xff").text == "\ufffd"


def test_asking_for_what_is_missing_raises_with_the_reason() -> None:
    material = Material({NEED: Missing("denied", "/etc/hostname may not be read; run as root")})

    with pytest.raises(Unavailable, match="run as root"):
        material.file("/etc/hostname")


def test_what_was_never_asked_of_the_shell_is_missing_too() -> None:
    lack = Material({}).missing(NEED)

    assert lack is not None
    assert lack.kind == "unsupported"


def test_an_optional_file_is_none_only_where_there_is_none() -> None:
    absent = Material({NEED: Missing("absent", "there is no /etc/hostname")})
    denied = Material({NEED: Missing("denied", "/etc/hostname may not be read")})

    assert absent.optional("/etc/hostname") is None
    with pytest.raises(Unavailable, match="may not be read"):
        denied.optional("/etc/hostname")


def test_each_need_is_handed_over_in_its_own_shape() -> None:
    files, links, digests, command = (
        Files("/etc/*.conf"),
        Links("/proc/*/exe"),
        Digests("/etc/*"),
        Command(("/bin/true",)),
    )
    material = Material(
        {
            files: {"/etc/a.conf": Content(b"a")},
            links: {"/proc/1/exe": "/sbin/init"},
            digests: {},
            command: Output(b"done", status=3),
            Capacity(): {"/": (10, 5)},
        }
    )

    assert list(material.files(files)) == ["/etc/a.conf"]
    assert material.links(links) == {"/proc/1/exe": "/sbin/init"}
    assert material.digests(digests) == {}
    assert (material.output(command).text, material.output(command).status) == ("done", 3)
    assert material.capacity() == {"/": (10, 5)}


def test_a_need_that_was_supplied_in_another_shape_is_a_fault_of_the_shell() -> None:
    material = Material({NEED: Output(b"web")})

    with pytest.raises(TypeError, match="Output"):
        material.file("/etc/hostname")


def test_what_is_derived_from_the_material_of_a_pass_is_made_once_for_all_facts() -> None:
    made: list[int] = []

    def twice(material: Material, factor: int) -> str:
        made.append(factor)
        return material.file("/a").text * factor

    derived: dict[object, object] = {}
    materials = [Material({File("/a"): Content(b"x")}, derived) for _ in range(2)]

    assert [material.derive(twice, 2) for material in materials] == ["xx", "xx"]
    assert materials[0].derive(twice, 3) == "xxx"
    assert made == [2, 3]
    with pytest.raises(Unavailable):
        Material({}).derive(twice, 2)

"""Containers and namespaces are told from machines by what the kernel says first, by marks second."""

from __future__ import annotations

import pytest

from agent.containers import NEEDS, container
from agent.fact import Links, Material
from tests.agent.supplied import made, recorded

PID, UTS = Links("/proc/self/ns/pid"), Links("/proc/self/ns/uts")
INITIAL = {PID: {"/proc/self/ns/pid": "pid:[4026531836]"}, UTS: {"/proc/self/ns/uts": "uts:[4026531838]"}}
OWN = {PID: {"/proc/self/ns/pid": "pid:[4026532201]"}, UTS: {"/proc/self/ns/uts": "uts:[4026532198]"}}


def kind(content: dict) -> str | None:
    return container(Material(made(content).supply(NEEDS)))


def test_the_recorded_machine_is_none_although_its_image_kept_a_mark_of_docker() -> None:
    material = Material(recorded("debian12-root").supply(NEEDS))

    assert material.file("/.dockerenv").data == b""
    assert container(material) is None


def test_the_recorded_namespace_is_one() -> None:
    assert container(Material(recorded("debian12-namespace").supply(NEEDS))) is not None


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ({}, "namespace"),
        ({"/run/systemd/container": "lxc\n"}, "lxc"),
        ({"/run/systemd/container": "systemd-nspawn"}, "systemd-nspawn"),
        ({"/run/systemd/container": "\x1b]0;evil"}, "namespace"),
        ({"/run/.containerenv": ""}, "podman"),
        ({"/.dockerenv": ""}, "docker"),
        ({"/proc/1/cgroup": "0::/docker/1234\n"}, "docker"),
        ({"/proc/1/cgroup": "0::/kubepods.slice/x\n", "/.dockerenv": ""}, "kubernetes"),
        ({"/proc/1/cgroup": "0::/\n"}, "namespace"),
    ],
)
def test_a_mark_says_which_kind(marks: dict, expected: str) -> None:
    assert kind({**OWN, **marks}) == expected


@pytest.mark.parametrize("marks", [{}, {"/.dockerenv": ""}, {"/run/systemd/container": "lxc"}])
def test_in_the_first_namespaces_no_mark_makes_a_container(marks: dict) -> None:
    assert kind({**INITIAL, **marks}) is None


def test_a_container_that_shares_the_hosts_pids_is_known_by_its_mark() -> None:
    mixed = {PID: INITIAL[PID], UTS: OWN[UTS]}

    assert kind({**mixed, "/.dockerenv": ""}) == "docker"
    assert kind(mixed) is None  # a service of systemd with ProtectHostname=


def test_where_the_kernel_does_not_say_marks_decide() -> None:
    assert kind({}) is None
    assert kind({"/run/systemd/container": "lxc"}) == "lxc"

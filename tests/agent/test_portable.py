"""What psutil tells, asked of the machine that runs the tests."""

from __future__ import annotations

import json
import os
import socket

import psutil
import pytest

from agent import portable
from agent.fact import Missing


@pytest.mark.parametrize("topic", ["system", "cpu", "memory", "filesystems", "interfaces", "listening", "services"])
def test_each_topic_is_plain_values(topic: str) -> None:
    found = portable.supply(topic)

    assert not isinstance(found, Missing), found
    assert json.loads(json.dumps(found)) == found


def test_memory_and_processors_are_what_the_kernel_says() -> None:
    memory, cpu = portable.supply("memory"), portable.supply("cpu")

    assert not isinstance(memory, Missing)
    assert not isinstance(cpu, Missing)
    assert memory["total"] == psutil.virtual_memory().total
    assert cpu["count"] == psutil.cpu_count()


def test_a_socket_that_listens_is_told_and_the_loopback_interface_has_its_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        listening = portable.supply("listening")
    interfaces = portable.supply("interfaces")

    assert not isinstance(listening, Missing)
    assert not isinstance(interfaces, Missing)
    assert ["tcp", "127.0.0.1", port, os.getpid()] in listening["sockets"]
    assert str(os.getpid()) not in listening["processes"], "the observer is none of the host's software"
    assert ["127.0.0.1", "255.0.0.0"] in interfaces["lo"]["addresses"]


def test_what_a_system_refuses_is_missing_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> dict[str, object]:
        raise psutil.AccessDenied(1)

    monkeypatch.setattr(portable, "_TOPICS", {"listening": refuse})

    found = portable.supply("listening")

    assert isinstance(found, Missing)
    assert (found.kind, "run as root" in found.reason) == ("denied", True)

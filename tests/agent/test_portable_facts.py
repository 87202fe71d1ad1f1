"""The facts of macOS and Windows, run here with nothing changed but the name of the system."""

from __future__ import annotations

import json
import sys
from typing import Any

import psutil
import pytest

from agent.fact import Collected, Context, Failed, Missing, NotApplicable, Portable
from agent.facts import FACTS
from agent.portable_facts import facts_of
from agent.recording import RecordedShell, record
from agent.report import section
from agent.run import collect_pass, observe_pass
from agent.shell import LocalShell
from cmdb.model.classes import CLASSES
from cmdb.model.values import problem
from tests.agent.supplied import made, run

TOLD = frozenset({"identity", "kernel", "os_release", "cpu", "memory", "filesystems", "network", "software"})
NOON = 1_795_000_000_000_000


def test_on_linux_they_are_the_facts_themselves() -> None:
    assert facts_of("linux") is FACTS


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_every_section_is_there_on_every_system_and_says_what_it_is(
    system: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert psutil.virtual_memory().total  # loaded for the system that it is on
    monkeypatch.setattr(sys, "platform", system)

    shell = LocalShell()
    results, marks = observe_pass(shell, Context(observed_at_us=NOON), facts_of(system).values())

    by_kind = {r.section: type(r.outcome) for r in results}
    assert set(by_kind) == set(FACTS)
    collected = {name for name, kind in by_kind.items() if kind is Collected}
    assert collected == TOLD | ({"services"} if system == "win32" else set())
    assert all(kind in (Collected, NotApplicable) for kind in by_kind.values())
    reasons = {r.outcome.reason for r in results if isinstance(r.outcome, NotApplicable)}
    assert reasons == {f"psutil, all that is asked on {system}, does not tell of it; it is looked at on Linux only"}
    assert set(marks) == {"host_name"}


def test_they_agree_with_the_facts_of_linux_where_both_can_look(monkeypatch: pytest.MonkeyPatch) -> None:
    context = Context(observed_at_us=NOON)
    native = {
        r.section: r.outcome
        for r in collect_pass(LocalShell(), context, [FACTS[n] for n in ("identity", "kernel", "memory", "cpu")])
    }
    monkeypatch.setattr(sys, "platform", "darwin")
    found = facts_of("darwin")
    portable = {r.section: r.outcome for r in collect_pass(LocalShell(), context, [found[n] for n in native])}

    def values(outcome: Any) -> dict[str, Any]:
        assert isinstance(outcome, Collected), outcome
        return dict(outcome.items[0].attributes())

    assert values(portable["memory"]) == values(native["memory"])
    assert values(portable["kernel"]) == values(native["kernel"])
    assert values(portable["cpu"])["cpu_count"] == values(native["cpu"])["cpu_count"]
    assert values(portable["identity"])["name"] == values(native["identity"])["name"]


def test_what_is_told_is_valid_and_can_be_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    for result in collect_pass(LocalShell(), Context(observed_at_us=NOON), facts_of("darwin").values()):
        assert section(result).outcome in ("collected", "not_applicable")
        for item in result.outcome.items if isinstance(result.outcome, Collected) else ():
            declared = CLASSES[type(item).__name__]
            assert type(item).__name__ in result.classes
            assert all(
                problem(value, declared.attributes[name].type) == "" for name, value in item.attributes().items()
            )


def test_a_listening_process_of_windows_is_software_with_its_endpoints() -> None:
    told = {
        "sockets": [["tcp", "::", 443, 7], ["tcp", "127.0.0.1", 8005, 7], ["udp", "0.0.0.0", 50000, 7],
                    ["tcp", "0.0.0.0", 22, 0]],
        "processes": {
            "7": {"name": "web.exe", "exe": "C:\\web\\web.exe", "argv": ["web.exe", "--password", "s3cret"], "user": "NT\\svc",
                  "resident": 1024, "started": 1_700_000_000.5},
        },
    }  # fmt: skip
    outcome = run(facts_of("win32")["software"], made({Portable("listening"): told}))

    assert isinstance(outcome, Collected), outcome
    found = {i.local_key(): i.attributes() for i in outcome.items}
    web = found["exe C:\\web\\web.exe NT\\svc 443"]
    assert (web["name"], web["ports"], web["command"]) == ("web.exe", ["tcp/443", "tcp/8005"], "web.exe --password ***")
    assert {r.object[1] for r in outcome.relations if isinstance(r.object, list)} == {
        "tcp/::/443",
        "tcp/127.0.0.1/8005",
    }
    assert "tcp/0.0.0.0/22" in found
    assert not any("50000" in key for key in found)


def test_services_of_windows() -> None:
    told = {
        "Spooler": {"display_name": "Print Spooler", "binpath": "C:\\Windows\\spoolsv.exe", "username": "LocalSystem",
                    "start_type": "automatic", "status": "running", "pid": 4},
    }  # fmt: skip
    outcome = run(facts_of("win32")["services"], made({Portable("services"): told}))

    assert isinstance(outcome, Collected)
    assert outcome.items[0].attributes() == {
        "name": "Spooler",
        "manager": "windows",
        "startup": "automatic",
        "state": "running",
        "description": "Print Spooler",
        "user": "LocalSystem",
        "command": "C:\\Windows\\spoolsv.exe",
    }


def test_addresses_with_and_without_their_networks() -> None:
    told = {
        "en0": {"mac": "3c:22:fb:00:00:01", "up": True, "mtu": 1500, "speed": 1000,
                "addresses": [["192.0.2.7", "255.255.255.0"], ["fe80::1%en0", "ffff:ffff:ffff:ffff::"], ["2001:db8::7", ""]]},
    }  # fmt: skip
    outcome = run(facts_of("darwin")["network"], made({Portable("interfaces"): told}))

    assert isinstance(outcome, Collected)
    assert outcome.items[0].attributes()["addresses"] == ["192.0.2.7/24", "2001:db8::7", "fe80::1/64"]
    assert {i.local_key() for i in outcome.items[1:]} == {"192.0.2.7", "2001:db8::7", "192.0.2.0/24"}
    assert sorted(r.type for r in outcome.relations) == ["HAS_ADDRESS", "HAS_ADDRESS", "IN_SUBNET"]


def test_what_the_system_refuses_fails_its_section() -> None:
    lack = Missing("denied", "listening: darwin shows this to an administrator only; run as root")

    assert run(facts_of("darwin")["software"], made({Portable("listening"): lack})) == Failed(lack.reason)


def test_a_recording_keeps_what_was_told() -> None:
    need = Portable("memory")
    told = LocalShell().supply([need])

    document = json.loads(json.dumps(record(made({need: told[need]}), [need], {"os": "x"})))

    assert RecordedShell.of(document).supply([need]) == told

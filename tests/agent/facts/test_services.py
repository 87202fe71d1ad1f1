"""Services of the init system."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent import systemd
from agent.fact import Collected, Content, Context, Failed, Material, NotApplicable, Output
from agent.facts import services
from agent.facts.services import observe_units
from agent.shell import LocalShell
from agent.systemd import parse_unit_files, parse_units
from tests.agent.supplied import made, recorded, run

UNITS = """\
ssh.service            loaded    active     running      OpenBSD Secure Shell server
broken.service         loaded    failed     failed       Broken thing
crash.service          loaded    activating auto-restart Crashes again and again
web.service            loaded    reloading  reload-notify Answers while it reads its settings anew
apt-daily.service      loaded    inactive   dead         Daily apt download activities
systemd-fsck.service   loaded    failed     failed       File system check
gone.service           not-found inactive   dead         gone.service
getty@tty1.service     loaded    active     running      Getty on tty1
"""
FILES = """\
ssh.service        enabled  enabled
broken.service     disabled enabled
crash.service      enabled  enabled
web.service        enabled  enabled
apt-daily.service  static   -
systemd-fsck.service static -
getty@.service     enabled  enabled
cron.service       masked   enabled
dbus-org.service   alias    -
"""
OFF = Output(b"", b"System has not been booted with systemd as init system (PID 1). Can't operate.\n", 1)


def test_units_of_systemd() -> None:
    outcome = run(services, made({systemd.UNITS: UNITS, systemd.UNIT_FILES: FILES, systemd.DETAILS: ""}))

    assert isinstance(outcome, Collected)
    found = {i.local_key(): (i.startup, i.state) for i in outcome.items}  # type: ignore[attr-defined]
    assert found == {
        "apt-daily.service": ("static", None),
        "broken.service": ("disabled", "failed"),
        "crash.service": ("enabled", "failed"),
        "cron.service": ("masked", "stopped"),
        "getty@tty1.service": (None, "running"),
        "ssh.service": ("enabled", "running"),
        "systemd-fsck.service": ("static", "failed"),
        "web.service": ("enabled", "running"),
    }


def test_what_is_enabled_or_runs_is_told_with_account_command_and_files() -> None:
    outcome = run(services, recorded("debian12-systemd"))

    assert isinstance(outcome, Collected)
    found = {i.local_key(): i.attributes() for i in outcome.items}
    assert found["ssh.service"] == {
        "name": "ssh.service",
        "manager": "systemd",
        "startup": "enabled",
        "state": "running",
        "description": "OpenBSD Secure Shell server",
        "type": "notify",
        "user": "root",
        "command": "/usr/sbin/sshd -D $SSHD_OPTS",
        "restart": "on-failure",
        "file": "/lib/systemd/system/ssh.service",
        "drop_ins": ["/etc/systemd/system/ssh.service.d/local.conf"],
    }
    # Known only while something names it.
    assert "command" not in found["systemd-timedated.service"]
    assert "command" not in found["dump.service"]
    assert "Tr0ub4dor" not in repr(outcome)


def test_what_is_started_by_hand_is_told_for_as_long_as_it_runs() -> None:
    command = "ExecStart={ path=/srv/a ; argv[]=/srv/a -v ; ignore_errors=no ; start_time=[n/a] ; pid=0 }"
    told = {
        systemd.UNIT_FILES: "a.service disabled enabled\n",
        systemd.DETAILS: f"Type=simple\nUser=app\n{command}\nId=a.service\n",
    }

    running = run(services, made({systemd.UNITS: "a.service loaded active running A\n", **told}))
    stopped = run(services, made({systemd.UNITS: "b.service loaded active exited B\n", **told}))

    assert isinstance(running, Collected)
    assert isinstance(stopped, Collected)
    found = [i for i in (*running.items, *stopped.items) if i.local_key() == "a.service"]
    assert [(i.user, i.command) for i in found] == [("app", "/srv/a -v"), (None, None)]  # type: ignore[attr-defined]


def test_details_that_are_not_told_fail_the_section() -> None:
    shell = made(
        {systemd.UNITS: UNITS, systemd.UNIT_FILES: FILES, systemd.DETAILS: Output(b"", b"Connection timed out\n", 1)}
    )

    assert isinstance(run(services, shell), Failed)


def test_init_scripts_where_systemd_does_not_run_the_host() -> None:
    shell = made(
        {
            systemd.UNITS: OFF,
            services._SCRIPTS: {
                "/etc/init.d/ssh": Content(b"#!/bin/sh\n# Short-Description:  Secure shell  \n"),
                "/etc/init.d/nginx": Content(b"#!/bin/sh\n"),
                "/etc/init.d/README": Content(b"read me\n"),
            },
            services._RUNLEVELS: {"/etc/rc2.d/S01ssh": "../init.d/ssh", "/etc/rc2.d/K01nginx": "../init.d/nginx"},
        }
    )
    outcome = run(services, shell)

    assert isinstance(outcome, Collected)
    assert [i.attributes() for i in outcome.items] == [
        {"name": "nginx", "manager": "sysv", "startup": "disabled"},
        {"name": "ssh", "manager": "sysv", "startup": "enabled", "description": "Secure shell"},
    ]


def test_services_of_openrc_are_enabled_by_runlevel() -> None:
    shell = made(
        {
            services._SCRIPTS: {
                "/etc/init.d/sshd": Content(b'#!/sbin/openrc-run\ndescription="Secure shell"\n'),
                "/etc/init.d/ntpd": Content(b"#!/sbin/openrc-run\n"),
            },
            services._OPENRC: {"/etc/runlevels/default/sshd": "/etc/init.d/sshd"},
        }
    )
    outcome = run(services, shell)

    assert isinstance(outcome, Collected)
    assert [(i.name, i.manager, i.startup) for i in outcome.items] == [  # type: ignore[attr-defined]
        ("ntpd", "openrc", "disabled"),
        ("sshd", "openrc", "enabled"),
    ]


def test_a_secret_in_a_description_is_masked() -> None:
    units = (
        "backup.service loaded active running [systemd-run] /usr/bin/mysqldump -pTr0ub4dor db\n"
        "ask.service loaded active running Dispatch Password Requests to Console\n"
    )
    scripts = {services._SCRIPTS: {"/etc/init.d/a": Content(b"# Short-Description: app --password Tr0ub4dor\n")}}

    of_systemd = run(services, made({systemd.UNITS: units, systemd.UNIT_FILES: "", systemd.DETAILS: ""}))
    of_init = run(services, made({systemd.UNITS: OFF, **scripts}))

    assert isinstance(of_systemd, Collected)
    assert isinstance(of_init, Collected)
    assert [i.attributes()["description"] for i in (*of_systemd.items, *of_init.items)] == [
        "Dispatch Password Requests to Console",
        "[systemd-run] /usr/bin/mysqldump -p*** db",
        "app --password ***",
    ]


def test_a_container_without_an_init_system_has_none() -> None:
    assert isinstance(run(services, made({})), NotApplicable)


def test_unit_files_that_can_not_be_listed_fail_the_section() -> None:
    outcome = run(services, made({systemd.UNITS: UNITS, systemd.UNIT_FILES: Output(b"", b"", 1)}))

    assert isinstance(outcome, Failed)


@pytest.mark.parametrize(("units", "asked"), [(UNITS, [systemd.UNIT_FILES, systemd.DETAILS]), (OFF, [])])
def test_unit_files_are_listed_only_where_systemd_runs_the_host(units: object, asked: list[object]) -> None:
    material = Material(made({systemd.UNITS: units}).supply(services.NEEDS))

    assert list(services.further(material, Context())) == asked
    assert systemd.UNIT_FILES not in services.NEEDS


def test_this_machine_has_the_init_scripts_that_stand_in_its_folder() -> None:
    outcome = run(services, LocalShell())  # type: ignore[arg-type]

    assert isinstance(outcome, Collected)
    managers = {i.manager for i in outcome.items}  # type: ignore[attr-defined]
    if managers == {"sysv"}:
        scripts = {p.name for p in Path("/etc/init.d").iterdir()} - {"README"}
        assert {i.local_key() for i in outcome.items} == scripts
    else:
        assert managers == {"systemd"}


@pytest.mark.shared
@pytest.mark.parametrize("host", ["ubuntu-20.04-k8s-worker", "ubuntu-20.04-rabbitmq"])
def test_foreign_services_are_those_that_another_parser_read(recordings: Path, host: str) -> None:
    folder = recordings / "ssh" / host
    judged = json.loads((folder / "systemctl_list-units.json").read_text())
    # Recorded without --plain --no-legend --type=service: what these leave out is left out here.
    units = [li for li in (folder / "systemctl_list-units.out").read_text().splitlines() if ".service " in li[:90]]
    files = [li for li in (folder / "systemctl_list-unit-files.out").read_text().splitlines() if ".service " in li]

    found = list(observe_units(parse_units("\n".join(units)), parse_unit_files("\n".join(files))))
    running = {s.name for s in found if s.state == "running"}
    expected = {r["unit"] for r in judged if r["unit"].endswith(".service") and r["sub"] == "running"}
    static = {s.name for s in found if s.startup in ("static", "indirect", "transient")}
    logins = {name for name in expected if name.startswith("user@")}
    assert running == expected - static - logins
    assert {s.name: s.state for s in found}["ssh.service"] == "running"

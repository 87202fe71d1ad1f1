"""Units as systemctl lists them."""

from __future__ import annotations

import pytest

from agent import systemd
from agent.fact import Material, Missing, Output, ParseError, Unavailable
from agent.systemd import Unit, parse_details, parse_unit_files, parse_units, units


def test_units_with_their_states() -> None:
    text = (
        "ssh.service         loaded    active     running      OpenBSD Secure Shell server\n"
        "● broken.service    loaded    failed     failed       Broken thing\n"
        "gone.service        not-found inactive   dead         gone.service\n"
        "bare.service        loaded    active     exited\n"
        "user@1000.service   loaded    active     running      User Manager for UID 1000\n"
        "run-r0a1b2c3.service loaded   active     running      /usr/bin/sleep 9\n"
    )
    assert parse_units(text) == [
        Unit("ssh.service", "loaded", "active", "running", "OpenBSD Secure Shell server"),
        Unit("broken.service", "loaded", "failed", "failed", "Broken thing"),
        Unit("gone.service", "not-found", "inactive", "dead", "gone.service"),
        Unit("bare.service", "loaded", "active", "exited", ""),
    ]


def test_unit_files_with_how_they_start() -> None:
    text = "ssh.service enabled enabled\ngetty@.service enabled enabled\nold.service static -\nbind9.service alias\n"

    assert parse_unit_files(text) == {
        "ssh.service": "enabled",
        "getty@.service": "enabled",
        "old.service": "static",
        "bind9.service": "alias",
    }


@pytest.mark.parametrize("text", ["ssh.service loaded\n", "228 loaded units listed. Pass --all\n"])
def test_a_line_that_is_not_understood_is_an_error(text: str) -> None:
    with pytest.raises(ParseError, match="list-units"):
        parse_units(text)
    with pytest.raises(ParseError, match="list-unit-files"):
        parse_unit_files(text.split()[0] + "\n")


def test_where_systemd_does_not_run_the_host_there_are_no_units() -> None:
    off = b"System has not been booted with systemd as init system (PID 1). Can't operate.\n"
    assert units(Material({systemd.UNITS: Missing("absent", "not installed")})) is None
    assert units(Material({systemd.UNITS: Output(b"", off, 1)})) is None
    assert (
        units(Material({systemd.UNITS: Output(b"", b"Running in chroot, ignoring command 'list-units'\n", 0)})) is None
    )


def test_a_systemd_that_does_not_answer_is_an_error() -> None:
    with pytest.raises(Unavailable, match="Connection timed out"):
        units(Material({systemd.UNITS: Output(b"", b"Failed to list units: Connection timed out\n", 1)}))


EXEC = "ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }"
TWO = f"""\
Type=oneshot
ExecStart={{ path=/bin/sh ; argv[]=/bin/sh -c echo a ; echo b=c ; {EXEC}
ExecStart={{ path=/bin/sh ; argv[]=/bin/sh -c one

Type=two ; {EXEC}
User=
Id=a.service
ActiveState=inactive

Unit=a.service
TimersCalendar={{ OnCalendar=*-*-* 06,18:00:00 ; next_elapse=Wed 2026-11-25 18:00:00 UTC }}
TimersMonotonic={{ OnBootUSec=15min ; next_elapse=0 }}
Id=a.timer

Id=run-u12.timer

Id=user@1000.service
"""


def test_details_of_units_with_several_commands_and_lines_within_a_value() -> None:
    found = parse_details(TWO)

    assert list(found) == ["a.service", "a.timer"]
    assert found["a.service"].commands()[0] == "/bin/sh -c echo a ; echo b=c"
    assert found["a.service"].get("User") == ""
    assert found["a.timer"].schedules() == ["OnCalendar=*-*-* 06,18:00:00", "OnBootSec=15min"]
    assert parse_details("") == {}


@pytest.mark.parametrize("text", ["Type=simple\n", "rubbish\n\nId=a.service\n", "\0\0", "Id=a.socket\n", TWO[:60]])
def test_details_that_are_cut_or_of_another_kind_are_not_understood(text: str) -> None:
    with pytest.raises(ParseError):
        parse_details(text)

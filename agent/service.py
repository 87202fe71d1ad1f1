"""The agent as a service of systemd: its unit, and how both are put on a host and taken off again.

The unit takes from the agent all that looking does not need (systemd.exec(5)): it may read every file and see every process,
and write nothing but its own folder. All that `install` puts somewhere stands in `Places`, and `uninstall` takes it away.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agent.one_file import NAME, build
from agent.whole_file import write_whole
from cmdb.model.errors import SurveymarkError

UNIT = "surveymark-agent.service"
_SECONDS = 90
_SETTINGS = """\
# What this host says of its own agent; nothing of it can be set by the server. See `surveymark-agent run --help`.
# [agent]
# interval = 900
# without =
"""


@dataclass(frozen=True)
class Places:
    """Where the parts of an installed agent are."""

    program: Path = Path("/usr/local/lib/surveymark-agent") / NAME
    command: Path = Path("/usr/local/bin/surveymark-agent")
    unit: Path = Path("/etc/systemd/system") / UNIT
    settings: Path = Path("/etc/surveymark-agent.conf")
    state: Path = Path("/var/lib/surveymark-agent")
    running: Path = Path("/run/systemd/system")


def unit(program: Path, python: str) -> str:
    """The text of the unit. It asks for systemd 232 or later; what an older one does not know it leaves out and says so."""
    return f"""\
[Unit]
Description=Surveymark agent: reports this host's configuration
Wants=network-online.target
After=network-online.target

[Service]
ExecStart={python} -I {program} run
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=30
RestartPreventExitStatus=2
StateDirectory=surveymark-agent
StateDirectoryMode=0700
UMask=0077
# It is never in the way of what the host is for.
Nice=10
IOSchedulingClass=idle
CPUWeight=20
MemoryMax=512M
TasksMax=64
OOMScoreAdjust=500
# To read files and processes of others, list the rules of the firewall (those of iptables-legacy over a raw socket), run
# lldpctl as lldpd's own account, and end it.
CapabilityBoundingSet=CAP_DAC_READ_SEARCH CAP_SYS_PTRACE CAP_NET_ADMIN CAP_NET_RAW CAP_SETUID CAP_SETGID CAP_KILL
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
DevicePolicy=closed
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
"""


def install(enrol: Callable[[Path], None], places: Places = Places(), say: Callable[[str], None] = print) -> None:
    """Put the agent on this host, enrol it, and start it. `enrol` gets the folder that the agent keeps its things in.

    An agent that is there already is replaced and keeps its enrolment, settings and what waits to be sent: `enrol` is called
    only where there is none. Raises SurveymarkError, and takes back what it did, where a step fails.
    """
    _needs_root()
    if not places.running.is_dir():
        raise SurveymarkError(
            "This host is not run by systemd. Enrol it (surveymark-agent enrol), and have what supervises its services run "
            f"`{sys.executable or 'python3'} {NAME} run` as root."
        )
    python = _python()
    before = [path for path in (places.program, places.command, places.unit, places.settings) if path.exists()]
    new_state = not places.state.exists()
    try:
        _written(places.program, build(), 0o755)
        places.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        enrol(places.state)
        if not places.settings.exists():
            _written(places.settings, _SETTINGS.encode(), 0o644)
        _written(places.unit, unit(places.program, python).encode(), 0o644)
        _linked(places.command, places.program)
        _systemctl("daemon-reload")
        _systemctl("enable", "--quiet", UNIT)
        _systemctl("restart", UNIT)
    except BaseException:
        if not before:
            with contextlib.suppress(SurveymarkError):  # what failed first is what has to be said
                _taken_away(places, with_state=new_state)
        raise
    say(
        f"Installed and running: {places.unit}; `systemctl status {UNIT}` shows it, `{places.command} uninstall` undoes it."
    )


def uninstall(places: Places = Places(), say: Callable[[str], None] = print) -> None:
    """Stop the agent, and take away all that `install` put on this host, settings, enrolment and waiting reports as well."""
    _needs_root()
    found = [path for path in _all(places) if path.exists() or path.is_symlink()]
    if not found:
        say("There is no agent on this host.")
        return
    _taken_away(places, with_state=True)
    say(f"Gone from this host: {', '.join(map(str, found))}.")


def _taken_away(places: Places, with_state: bool) -> None:
    known = places.unit.exists() and places.running.is_dir()
    if known:
        _systemctl("disable", "--quiet", "--now", UNIT)
    for path in (places.unit, places.command, places.program, places.settings):
        path.unlink(missing_ok=True)
    if places.program.parent.is_dir() and not any(places.program.parent.iterdir()):
        places.program.parent.rmdir()
    if with_state and places.state.exists():
        shutil.rmtree(places.state)
    if known:
        _systemctl("daemon-reload")


def _all(places: Places) -> list[Path]:
    return [places.unit, places.command, places.program, places.settings, places.state]


def _needs_root() -> None:
    if os.geteuid():
        raise SurveymarkError("Only root may install or uninstall the agent; run it with sudo.")


def _python() -> str:
    """The interpreter of the service: the one that runs, by its own path; an environment can go away with its owner."""
    path = Path(getattr(sys, "_base_executable", sys.executable) or "/usr/bin/python3")
    return str(path.resolve())


def _written(path: Path, data: bytes, mode: int) -> None:
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    write_whole(path, data, mode)


def _linked(path: Path, to: Path) -> None:
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    new.symlink_to(to)
    new.replace(path)


def _systemctl(*arguments: str) -> None:
    """Raises SurveymarkError with what systemctl said."""
    try:
        done = subprocess.run(
            ["systemctl", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SurveymarkError(f"systemctl {arguments[0]} came to no end: {error}.") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[-500:]
        raise SurveymarkError(f"systemctl {' '.join(arguments)} failed: {said or f'status {done.returncode}'}")

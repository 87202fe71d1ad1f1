"""`surveymark sweep`: look at hosts and devices over SSH and by SNMP, without an agent; what sweeps found (docs/sweep.md)."""

from __future__ import annotations

import argparse
from typing import Any

from agent.terminal import Terminal
from api.cli import add_common
from api.connect import connected

MODES = ("accept-new", "strict", "pinned")
ENGINES = ("auto", "gufo", "pysnmp")


def add(groups: Any) -> None:
    command = groups.add_parser(
        "sweep",
        help="look at hosts and devices over SSH and by SNMP, without an agent",
        epilog="surveymark sweep list | show ID: what earlier sweeps found.",
    )
    command.add_argument("targets", metavar="TARGET", nargs="*", help=_TARGET)
    command.gathers = "targets"
    where = command.add_argument_group("where")
    where.add_argument("--inventory", metavar="FILE", action="append", default=[], help=_INVENTORY)
    where.add_argument("--exclude", metavar="TARGET", action="append", default=[], help="leave these out")
    where.add_argument("--permit", metavar="RANGE", action="append", default=[], help=_PERMIT)
    where.add_argument("--ssh-config", metavar="FILE", default=None, help=_SSH_CONFIG)
    where.add_argument("--zone", metavar="ZONE", default="default", help="routing domain of the addresses (default)")
    where.add_argument(
        "--port", metavar="PORT", type=int, default=None, help="port where nothing else says one (22, 161)"
    )
    how = command.add_argument_group("how")
    how.add_argument("--credentials", metavar="FILE", default=None, help=_CREDENTIALS)
    how.add_argument("--protocol", metavar="NAMES", default="ssh,snmp", help=_PROTOCOL)
    how.add_argument("--snmp-engine", choices=ENGINES, default="auto", help=_ENGINE)
    how.add_argument("--host-keys", choices=MODES, default="accept-new", help=_HOST_KEYS)
    how.add_argument("--strict-host-keys", action="store_const", const="strict", dest="host_keys", help=_STRICT)
    how.add_argument("--workers", metavar="N", type=_whole(1, 512), default=32, help="hosts that are looked at at once")
    how.add_argument("--timeout", metavar="SECONDS", type=_whole(1, 86_400), default=180, help="the most for one host")
    how.add_argument("--rounds", metavar="N", type=_whole(1, 1_000_000), default=1, help=_ROUNDS)
    how.add_argument("--every", metavar="SECONDS", type=_whole(0, 86_400), default=0, help=_EVERY)
    how.add_argument(
        "--old-algorithms", action="store_true", help="allow broken algorithms, for devices that have no others"
    )
    what = command.add_argument_group("what")
    what.add_argument(
        "--dry-run", action="store_true", help="say where it would go and by which credentials; connect to nothing"
    )
    what.add_argument("--resume", metavar="ID", default=None, help="go on with a sweep that was ended too early")
    what.add_argument("--replay", metavar="FILE", action="append", default=[], help=_REPLAY)
    what.add_argument("--print-script", action="store_true", help="print what a host is asked, and end")
    what.add_argument("--print-sudoers", metavar="USER", nargs="?", const="surveymark", default=None, help=_SUDOERS)
    what.add_argument("--print-doas", metavar="USER", nargs="?", const="surveymark", default=None, help=_DOAS)
    add_common(command)
    command.set_defaults(run=run)
    every = command.add_beside("list", "sweeps that are kept, newest first")
    every.add_argument("--limit", metavar="N", type=_whole(1, 1000), default=50, help="how many (50)")
    every.set_defaults(run=list_all)
    one = command.add_beside("show", "a sweep: how each target ended, with reason and remedy")
    one.add_argument("id", metavar="ID", help="id of a sweep, from sweep list")
    one.add_argument("--outcome", metavar="OUTCOME", action="append", default=[], help="these only: refused, waiting …")
    one.add_argument("--all", action="store_true", help="those that were simply looked at too")
    one.set_defaults(run=show)
    for below in (every, one):
        add_common(below)


def run(options: argparse.Namespace, io: Terminal) -> int:
    """Sweep, or say what a sweep would do."""
    if options.print_script or options.print_sudoers is not None or options.print_doas is not None:
        return _printed(options, io)
    from api import sweeping

    status: int = sweeping.dry_run(options, io) if options.dry_run else sweeping.sweep(options, io)
    return status


def list_all(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        found = estate.sweeps(None, options.limit)
    if io.as_json:
        io.document(found)
        return 0
    rows = [
        (
            s["sweep"],
            s["started_at"][:19],
            s["state"],
            s["total"],
            s["counts"].get("done", 0),
            s["waiting"],
            " ".join(s["words"]),
        )
        for s in found["items"]
    ]
    io.table(("sweep", "began", "state", "targets", "done", "not begun", "of"), rows)
    io.say(f"{len(rows)} of {found['total']} sweeps.")
    return 0


def show(options: argparse.Namespace, io: Terminal) -> int:
    from api.sweep_record import pages, whole
    from api.sweep_terminal import read, summary

    with connected(options) as estate:
        if io.as_json:
            io.document(whole(estate, options.id, options.outcome))
        else:
            every = options.all or bool(options.outcome)
            found, rows, more = read(pages(estate, options.id, options.outcome), every)
            summary(found, rows, io, every, more)
    return 0


def _printed(options: argparse.Namespace, io: Terminal) -> int:
    """What runs on a host, to be read before anything does."""
    from cmdb.model.errors import UsageError
    from collector.ssh.printing import print_doas, print_script, print_sudoers

    try:
        if options.print_script:
            name, text = "script", print_script()
        elif options.print_sudoers is not None:
            name, text = "sudoers", print_sudoers(options.print_sudoers)
        else:
            name, text = "doas", print_doas(options.print_doas)
    except ValueError as error:
        raise UsageError(f"{error}.") from None
    if io.as_json:
        io.document({name: text})
    else:
        io.line(text.rstrip("\n"))
    return 0


def _whole(least: int, most: int) -> Any:
    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"{text!r:.40} is no whole number from {least} to {most}")
        return int(text)

    return number


_TARGET = "an address, a name, a network (10.0.0.0/24), a range (10.0.0.5-20); user@ before and :port behind where they differ"
_INVENTORY = "hosts of a file: an inventory of Ansible (INI, YAML), a plain list, CSV; FILE:GROUP for one group"
_PERMIT = "allow a range beside those of sweep.toml, or beside private ones where it names none"
_SSH_CONFIG = "OpenSSH configuration (~/.ssh/config), none for no such file"
_CREDENTIALS = "file with credentials (credentials.toml in the folder of settings)"
_PROTOCOL = "ssh, snmp, or both: of these a target is asked by those that a credential covers it for (ssh,snmp)"
_ENGINE = "library that speaks SNMP: the quicker one where it can, or this one alone (auto)"
_HOST_KEYS = "keys of hosts that are not known: take and keep them, refuse them, or take only those that the sweep's own file has"
_STRICT = "as --host-keys strict"
_ROUNDS = "look so often; connections stay open between rounds, and each round is a sweep of its own (1)"
_EVERY = "from the beginning of a round to that of the next, at least (0)"
_REPLAY = (
    "a recording in place of what was recorded, or a folder of them: a host (python -m agent.recording), an SNMP walk (.snmprec)"
    ", commands of a device"
)
_SUDOERS = "print the lines that allow an account (surveymark) what a sweep runs as root, and end"
_DOAS = "the same lines for doas.conf"

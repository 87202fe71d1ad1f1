"""A sweep from the command line: what is wanted becomes a plan, the plan a record with jobs, the jobs are run, and what was seen
goes to the store, or the server, that was named."""

from __future__ import annotations

import argparse
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.terminal import Terminal
from api.connect import connected
from api.state import state
from api.sweep_files import SweepFiles, sweep_files
from api.sweep_record import DONE, Record, pages, whole
from api.sweep_terminal import Watching, read, summary
from api.sweep_ways import Begin, ways
from cmdb.model.errors import UsageError
from collector.outcome import LOOKED_AT
from collector.plan import Plan, plan
from collector.protocols import chosen, divided
from collector.runner import Pace, Runner, Standing
from collector.target import PORTS, SNMP, SSH
from collector.work import Job

if TYPE_CHECKING:
    from api.estate import Estate
    from collector.credentials import Credentials
    from collector.ssh.hosts import Reporting

INTERRUPTED = "interrupted"
FIRST_WORDS = 50
"""Words of the command that the record keeps."""


def dry_run(options: argparse.Namespace, io: Terminal) -> int:
    """Say where a sweep would go, by which credentials, and what it would leave; nothing is connected to."""
    files = sweep_files(options.credentials)
    credentials = files.credentials()
    made = _plan(options, files, credentials, io)
    found = made.document(credentials.names)
    if io.as_json:
        io.document(found)
    else:
        rows = [
            (
                t["target"],
                t["address"],
                t["protocol"],
                t["port"],
                t["zone"],
                ", ".join(t["credentials"]) or "none",
                t["origin"],
            )
            for t in found["targets"]
        ]
        io.table(("target", "address", "protocol", "port", "zone", "credentials", "named by"), rows)
        io.table(
            ("not gone to", "reason", "remedy"), [(r["target"], r["reason"], r["remedy"]) for r in found["refused"]]
        )
        io.line(f"{len(rows)} targets, {len(found['refused'])} that it would not go to. Nothing was connected to.")
    return 3 if made.refused else 0


def sweep(options: argparse.Namespace, io: Terminal) -> int:
    """Look at all targets, or go on with a sweep; the exit status says whether all were looked at."""
    if options.resume and (options.targets or options.inventory or options.replay):
        raise UsageError("A sweep that is gone on with has its targets: name none beside --resume.")
    if options.resume and options.rounds > 1:
        raise UsageError("A sweep that is gone on with has one round: leave out --rounds.")
    files = sweep_files(options.credentials)
    made: Plan | None = None
    protocols: set[str] = set(PORTS)
    looking: AbstractContextManager[Begin]
    if not options.resume and not options.replay:
        made = _plan(options, files, files.credentials(), io)
        if not made.targets and not made.refused:
            raise UsageError(_NOTHING)
        protocols = {target.protocol for target in made.targets}
    if options.replay:
        from api.replaying import replayed

        made, looking = replayed(options.replay)
        for sentence in made.ignored:
            io.say(sentence)
    else:
        looking = ways(options, files, protocols, io)
    with connected(options, create=True) as estate, looking as begin, Ending(io) as ending:
        status = 0
        for number in range(options.rounds):
            began = time.monotonic()
            if made is None:
                record, jobs = Record.resume(estate, options.resume)
            else:
                words = [*options.targets, *options.inventory, *options.replay][:FIRST_WORDS]
                source = state().collector(options.zone)
                record, jobs = Record.begin(estate, source, made.targets, made.refused, words, options.zone)
            reach, look = begin(record.id, _reporting(estate, options))
            runner = Runner(reach, look, estate.submit_many, record.tell, _pace(options))
            _run(runner, record, jobs, ending, io)
            estate.derive_links_of_what_came()
            last = number + 1 == options.rounds or ending.asked
            status = max(status, _told(estate, record.id, io, last))
            if last or ending.wait(began + options.every - time.monotonic()):
                break
    return status


def _pace(options: argparse.Namespace) -> Pace:
    return Pace(workers=options.workers, total_seconds=options.timeout + 10.0)


_NOTHING = "There is nothing to sweep: name targets, or an inventory. See surveymark sweep --help."


def _plan(options: argparse.Namespace, files: SweepFiles, credentials: Credentials, io: Terminal) -> Plan:
    if not options.targets and not options.inventory:
        raise UsageError(_NOTHING)
    protocols = chosen(options.protocol)
    made = plan(
        options.targets,
        inventories=options.inventory,
        ssh_config=_ssh_config(options.ssh_config) if SSH in protocols else None,
        ranges=files.settings().permitted_ranges,
        permit=options.permit,
        exclude=options.exclude,
        zone=options.zone,
        port=options.port,
        way=credentials.way if SSH in protocols else None,
        divide=lambda targets: divided(targets, protocols, credentials),
        default_port=PORTS[SSH] if SSH in protocols else PORTS[SNMP],
        progress=lambda done: io.progress(f"looking up names, {done} done"),
    )
    io.done()
    for sentence in (*made.ignored, *made.notes):
        io.say(sentence)
    return made


def _ssh_config(named: str | None) -> Path | None:
    """The OpenSSH configuration: the one that is named, the user's own where there is one."""
    if named == "none":
        return None
    if named is not None:
        return Path(named)
    own = Path("~/.ssh/config").expanduser()
    return own if own.exists() else None


def _run(runner: Runner, record: Record, jobs: Sequence[Job], ending: Ending, io: Terminal) -> None:
    """Run one round, and close its record."""
    watching = Watching(io)

    def watch(standing: Standing) -> None:
        record.beat()
        watching.stands(standing)

    runner.heard = watching.ended
    over = INTERRUPTED
    try:
        ending.of(runner)
        runner.run(jobs, watch)
        over = INTERRUPTED if ending.asked else DONE
    finally:
        record.close(over)
        io.done()


def _reporting(estate: Estate, options: argparse.Namespace) -> Reporting:
    from collector.ssh.hosts import Reporting

    own = state()
    source = cache(own.collector)
    interval = max(60, options.every) if options.rounds > 1 else 86_400
    # Each target is told of by a source of its own: what two addresses say of one machine at once is two words, so that a
    # clone contradicts its original in place of overwriting it.
    return Reporting(lambda t: f"{source(t.zone)}@{t.endpoint}", own.next_sequence, estate.digest_key(), interval)


class Ending:
    """The first Ctrl-C (or SIGTERM) lets what is under way end, the second one does not wait for it."""

    def __init__(self, io: Terminal) -> None:
        self._io = io
        self._runner: Runner | None = None
        self._asked = threading.Event()
        self._before: dict[int, Any] = {}

    @property
    def asked(self) -> bool:
        return self._asked.is_set()

    def of(self, runner: Runner) -> None:
        """What is to be ended from now on."""
        self._runner = runner
        if self.asked:
            runner.end()

    def wait(self, seconds: float) -> bool:
        """Wait for the next round; True where it is not to come."""
        return self._asked.wait(max(0.0, seconds))

    def __enter__(self) -> Ending:
        self._before = {number: signal.signal(number, self._end) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _end(self, *_: object) -> None:
        again = self.asked
        self._asked.set()
        if self._runner is not None:
            self._runner.end(at_once=again)
        if not again:
            self._io.say("Ending: what is under way has a few seconds; press Ctrl-C again not to wait.")


def _told(estate: Estate, id: str, io: Terminal, last: bool) -> int:
    """Show how it ended, as a document the last round only; the exit status."""
    found: Mapping[str, Any]
    if io.as_json and last:
        found = whole(estate, id)
        io.document(found)
    elif io.as_json:
        found = estate.sweep(id, limit=1)
    else:
        found, rows, more = read(pages(estate, id))
        summary(found, rows, io, more=more)
        if found["state"] == INTERRUPTED:
            io.say(f"surveymark sweep --resume {id} goes on with the {found['waiting']} that were not begun.")
    missed = found["waiting"] or any(outcome not in LOOKED_AT for outcome in found["counts"])
    return 3 if missed else 0

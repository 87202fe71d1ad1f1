"""A sweep from the command line: what is wanted becomes a plan, the plan a record with jobs, the jobs are run, and what was seen
goes to the store, or the server, that was named."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.connect import connected
from api.state import state
from api.sweep_files import SweepFiles, sweep_files
from api.sweep_record import DONE, Record, pages, whole
from api.sweep_terminal import SHOWN, Watching, summary
from api.terminal import Terminal
from cmdb.model.errors import UsageError
from collector.deadlines import Deadlines
from collector.outcome import LOOKED_AT
from collector.plan import Plan, plan
from collector.runner import Pace, Reach, Runner, Standing
from collector.work import Job, Look

if TYPE_CHECKING:
    from api.estate import Estate
    from collector.ssh.hosts import Reporting

INTERRUPTED = "interrupted"
FIRST_WORDS = 50
"""Words of the command that the record keeps."""


def dry_run(options: argparse.Namespace, io: Terminal) -> int:
    """Say where a sweep would go, by which credentials, and what it would leave; nothing is connected to."""
    made = _plan(options, io)
    credentials = sweep_files(options.credentials).credentials()
    found = made.document(lambda target: credentials.names(credentials.way(target)))
    if io.as_json:
        io.document(found)
    else:
        rows = [
            (t["target"], t["address"], t["port"], t["zone"], ", ".join(t["credentials"]) or "none", t["origin"])
            for t in found["targets"]
        ]
        io.table(("target", "address", "port", "zone", "credentials", "named by"), rows)
        io.table(
            ("not gone to", "reason", "remedy"), [(r["target"], r["reason"], r["remedy"]) for r in found["refused"]]
        )
        io.line(f"{len(rows)} targets, {len(found['refused'])} that it would not go to. Nothing was connected to.")
    return 3 if made.refused else 0


def sweep(options: argparse.Namespace, io: Terminal) -> int:
    """Look at all targets, or go on with a sweep; the exit status says whether all were looked at."""
    if options.replay:
        from api.replaying import replayed

        made, look, reach = replayed(options.replay)
    else:
        made, look, reach = None, None, None
    if options.resume and (options.targets or options.inventory or options.replay):
        raise UsageError("A sweep that is gone on with has its targets: name none beside --resume.")
    if made is None and not options.resume:
        made = _plan(options, io)
        if not made.targets and not made.refused:
            raise UsageError("There is nothing to sweep: name targets, or an inventory. See surveymark sweep --help.")
    files = sweep_files(options.credentials)
    with connected(options, create=True) as estate:
        if made is None:
            record, jobs = Record.resume(estate, options.resume)
        else:
            words = [*options.targets, *options.inventory, *options.replay][:FIRST_WORDS]
            source = state().collector(options.zone)
            way = files.credentials().way
            targets = made.targets if options.replay else tuple(map(way, made.targets))
            record, jobs = Record.begin(estate, source, targets, made.refused, words, options.zone)
        ended = _run(estate, record, jobs, options, files, io, look, reach)
        io.done()
        return _told(estate, record.id, ended, io)


def _plan(options: argparse.Namespace, io: Terminal) -> Plan:
    if not options.targets and not options.inventory:
        raise UsageError("There is nothing to sweep: name targets, or an inventory. See surveymark sweep --help.")
    made = plan(
        options.targets,
        inventories=options.inventory,
        ssh_config=_ssh_config(options.ssh_config),
        permit=options.permit,
        exclude=options.exclude,
        zone=options.zone,
        port=options.port,
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


def _run(
    estate: Estate,
    record: Record,
    jobs: Sequence[Job],
    options: argparse.Namespace,
    files: SweepFiles,
    io: Terminal,
    look: Any,
    reach: Reach | None,
) -> str:
    """Run the jobs; returns how the record was closed."""
    watching = Watching(io)
    reporting = _reporting(estate)
    deadlines = Deadlines(total=float(options.timeout))
    with _looking(record.id, reporting, deadlines, options, files, look, reach, io) as (reached, looking):
        pace = Pace(workers=options.workers, total_seconds=options.timeout + 10.0)

        def tell(ended: Any) -> None:
            record.tell(ended)
            watching.ended(ended)

        def watch(standing: Standing) -> None:
            record.beat()
            watching.stands(standing)

        runner = Runner(reached, looking, estate.submit_many, tell, pace)
        over = INTERRUPTED
        try:
            with _ended_by_signals(runner, io) as signals:
                runner.run(jobs, watch)
                over = INTERRUPTED if signals else DONE
        finally:
            record.close(over)
    return over


@contextmanager
def _looking(
    sweep: str,
    reporting: Reporting,
    deadlines: Deadlines,
    options: argparse.Namespace,
    files: SweepFiles,
    look: Any,
    reach: Reach | None,
    io: Terminal,
) -> Iterator[tuple[Reach, Look]]:
    """Who says which targets answer, and who looks at them."""
    if reach is not None:
        yield reach, look(reporting)
        return
    from collector.ssh.opening import Settings, looking

    own = files.state.folder / "known_hosts"
    settings = Settings(sweep, own, options.host_keys, deadlines, options.old_algorithms)
    with looking(settings, files.offers(), reporting) as (reached, hosts, left_out):
        for sentence in left_out:
            io.say(f"Known hosts that are left out: {sentence}")
        yield reached, hosts


def _reporting(estate: Estate) -> Reporting:
    from collector.ssh.hosts import Reporting

    own = state()
    # Each target is told of by a source of its own: what two addresses say of one machine at once is two words, so that a
    # clone contradicts its original in place of overwriting it.
    return Reporting(lambda t: f"{own.collector(t.zone)}@{t.endpoint}", own.next_sequence, estate.digest_key())


@contextmanager
def _ended_by_signals(runner: Runner, io: Terminal) -> Iterator[list[int]]:
    """The first Ctrl-C (or SIGTERM) lets what is under way end, the second one does not wait for it."""
    got: list[int] = []

    def end(number: int, _: Any) -> None:
        got.append(number)
        runner.end(at_once=len(got) > 1)
        if len(got) == 1:
            io.say("Ending: what is under way has a few seconds; press Ctrl-C again not to wait.")

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield got
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _told(estate: Estate, id: str, ended: str, io: Terminal) -> int:
    """Show how it ended; the exit status."""
    if io.as_json:
        found = whole(estate, id)
        io.document(found)
    else:
        rows: list[dict[str, Any]] = []
        found = {}
        for page in pages(estate, id):
            found = found or page
            rows += [row for row in page["targets"] if row["outcome"] not in LOOKED_AT]
            if len(rows) >= SHOWN:
                break
        summary(found, rows, io)
        if ended == INTERRUPTED:
            io.say(f"surveymark sweep --resume {id} goes on with the {found['waiting']} that were not begun.")
    missed = found["waiting"] or any(outcome not in LOOKED_AT for outcome in found["counts"])
    return 3 if missed else 0

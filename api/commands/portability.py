"""`surveymark backup`, `restore` and `copy`: a whole store into a file, out of it, and from one store into another.

They open stores themselves: through a server nobody gets the keys that a store is born with.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.terminal import Terminal
from api.cli import add_common
from api.connect import open_store, store_url
from cmdb.model.errors import UsageError

if TYPE_CHECKING:
    from cmdb.portable import Record
    from cmdb.ports import Store


def add(groups: Any) -> None:
    command = groups.add_parser("backup", help="write the whole store, with all its past, into a new file")
    command.add_argument("file", metavar="FILE", help="file to make, mode 0600; who has it has the store")
    add_common(command)
    command.set_defaults(run=back_up)
    command = groups.add_parser("restore", help="fill an empty store from a backup")
    command.add_argument("file", metavar="FILE", help="what `surveymark backup` wrote")
    add_common(command)
    command.set_defaults(run=restore)
    command = groups.add_parser("copy", help="fill an empty store from another one, of whatever kind")
    command.add_argument("--from", dest="source", metavar="URL", required=True, help="store to read")
    command.add_argument(
        "--to", dest="target", metavar="URL", required=True, help="empty store to fill; SQLite makes it"
    )
    add_common(command)
    command.set_defaults(run=copy)


def back_up(options: argparse.Namespace, io: Terminal) -> int:
    from cmdb import backup
    from cmdb.model.times import now

    with _opened(_url(options)) as store, store.dump() as dump:
        count = backup.write(Path(options.file), dump, now(), _progress(io, "written"))
        head = dump.head
    io.done()
    _say(io, {"backup": options.file, "revision": head.number, "digest": head.digest, "records": count})
    return 0


def restore(options: argparse.Namespace, io: Terminal) -> int:
    from cmdb import backup

    file, url = Path(options.file), _url(options)
    kept = backup.verify(file, _progress(io, "verified"))
    with _opened(url, fill=True) as store:
        store.load(kept.birth, kept.head, backup.read(file, _progress(io, "restored", kept.records)))
        target = store.url
    io.done()
    _say(io, {"restored": options.file, "into": target, **backup.told(kept)})
    return 0


def copy(options: argparse.Namespace, io: Terminal) -> int:
    if getattr(options, "server", None) or getattr(options, "store", None):
        raise UsageError("copy has two stores: name them with --from and --to, without --store or --server.")
    if options.source == options.target:
        raise UsageError("--from and --to are the same store.")
    with _opened(options.source) as one, one.dump() as dump, _opened(options.target, fill=True) as other:
        other.load(dump.birth, dump.head, _counted(dump.records, _progress(io, "copied")))
        head, target = dump.head, other.url
    io.done()
    _say(io, {"copied": options.source, "into": target, "revision": head.number, "digest": head.digest})
    return 0


@contextmanager
def _opened(url: str, fill: bool = False) -> Iterator[Store]:
    store = open_store(url, create=fill, filling=fill)
    try:
        yield store
    finally:
        store.close()


def _url(options: argparse.Namespace) -> str:
    if getattr(options, "server", None):
        raise UsageError("This opens the store itself: run it where the store is, with --store instead of --server.")
    return store_url(options)


def _progress(io: Terminal, done: str, of: int = 0) -> Callable[[int], None]:
    return lambda count: io.progress(f"{count:,} records {done}" + (f" of {of:,}" if of else ""))


def _counted(records: Iterator[Record], progress: Callable[[int], None]) -> Iterator[Record]:
    for count, record in enumerate(records, 1):
        yield record
        if not count % 5_000:
            progress(count)


def _say(io: Terminal, answer: dict[str, Any]) -> None:
    if io.as_json:
        io.document(answer)
    else:
        io.pairs(answer.items())

"""The embedded store: SQLite in one file, the default.

WAL, STRICT tables, synchronous=FULL (an acknowledged batch survives a power cut), every write BEGIN IMMEDIATE with 30 s of
patience. For local file systems only: WAL needs shared memory (sqlite.org/wal.html). Its folder is made with mode 0700.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cmdb.model.classes import CLASSES
from cmdb.model.errors import StoreError, SurveymarkError, UsageError
from cmdb.model.relationship_types import RELATIONSHIP_TYPES
from cmdb.model.times import now
from cmdb.portable import Birth, Dump, Record, fitting
from cmdb.ports import Clock, Randomness, Transaction, View
from cmdb.states import Head
from cmdb.stores import sqlite_store_portability as portability
from cmdb.stores.sqlite_schema import APPLICATION_ID, VERSION, whole
from cmdb.stores.sqlite_store_erasing import scrub
from cmdb.stores.sqlite_store_migrations import Tell, migrate
from cmdb.stores.sqlite_store_transaction import SqliteTransaction
from cmdb.stores.sqlite_store_view import SqliteView
from cmdb.stores.sqlite_store_words import Codes

PATIENCE_SECONDS = 30.0
_MAGIC = b"SQLite format 3\0"
_LITTLE = 65_536
_NETWORK = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs", "glusterfs")


class SqliteStore:
    """A Store (ports.py) in one SQLite file."""

    def __init__(self, path: Path, words: dict[int, str], meta: dict[str, str], patience: float) -> None:
        self.url = f"sqlite:///{path}"
        self._path = path
        self._words = words
        self._codes = {word: code for code, word in words.items()}
        self._meta = meta
        self._patience = patience
        self._idle: list[sqlite3.Connection] = []
        self._idle_lock = threading.Lock()
        self._writing = threading.Lock()
        self._closed = False

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        create: bool = True,
        clock: Clock = now,
        randomness: Randomness = secrets.token_bytes,
        genesis: str | None = None,
        patience: float = PATIENCE_SECONDS,
        tell: Tell = lambda _: None,
    ) -> SqliteStore:
        """Open the store in the file at `path`, creating it (and its folder, 0700) unless `create` is false.

        `genesis`, `clock` and `randomness` are what a new store's ids, birth and keys are made from, `patience` the
        seconds that a writer waits for another. A store of an older schema is brought forward, which `tell` is told. Raises
        StoreError with the remedy where the file is no store of ours, of
        a newer schema, unreadable, or on a network file system.
        """
        file = Path(path).absolute()
        with _explained(file, patience):
            if not file.exists():
                if not create:
                    raise UsageError(f"There is no store at {file}; `surveymark up --once` makes one.")
                _make(file.parent)
                _local(file)
                # Salts and the key of keyed digests are for nobody else's eyes, whatever the folder's mode.
                file.touch(mode=0o600)
            if not (file.is_file() or file.is_dir()):  # a pipe would be waited for, a device get files beside it
                raise StoreError(f"{file} is no regular file, so no store; name another store with --store.")
            _local(file)
            _database(file)
            connection = _connect(file, patience)
            try:
                _prepare(connection, file, clock, randomness, genesis, tell)
                words = dict(connection.execute("SELECT code, word FROM word"))
                meta = dict(connection.execute("SELECT key, value FROM meta"))
            finally:
                connection.close()
        return cls(file, words, meta, patience)

    def genesis(self) -> str:
        return self._meta["genesis"]

    def digest_key(self) -> bytes:
        return bytes.fromhex(self._meta["digest_key"])

    @contextmanager
    def view(self) -> Iterator[View]:
        with self._connected() as connection, self._saying():
            connection.execute("BEGIN")
            # The snapshot begins with the first read, not with BEGIN.
            connection.execute("SELECT number FROM head").fetchone()
            yield SqliteView(connection, self._words, Codes(self._codes, connection))

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        if not self._writing.acquire(timeout=self._patience):
            raise StoreError(
                f"Another thread of this process has been writing to {self._path} for over {self._patience:g} s; try again."
            )
        try:
            with self._connected() as connection, self._saying(writing=True):
                connection.execute("BEGIN IMMEDIATE")
                self._same_store(connection)
                yield SqliteTransaction(connection, self._words, Codes(self._codes, connection, may_add=True))
                connection.commit()
        finally:
            self._writing.release()

    @contextmanager
    def dump(self) -> Iterator[Dump]:
        with self.view() as view:
            assert isinstance(view, SqliteView)
            yield Dump(portability.birth(self._meta), view.head(), portability.records(view))

    def load(self, birth: Birth, head: Head, records: Iterable[Record]) -> None:
        with self.transaction() as tx:
            assert isinstance(tx, SqliteTransaction)
            with fitting():
                portability.load(tx, birth, head, records)
        with self._connected() as connection:
            self._meta = dict(connection.execute("SELECT key, value FROM meta"))

    def scrub(self) -> bool:
        if not self._writing.acquire(timeout=self._patience):
            return False
        try:
            with self._connected() as connection, self._saying():
                return scrub(connection)
        finally:
            self._writing.release()

    def check(self) -> Iterable[str]:
        with self.view() as view:
            assert isinstance(view, SqliteView)
            for (line,) in view._db.execute("PRAGMA integrity_check(20)"):
                if line != "ok":
                    yield f"SQLite: {line}"
            for row in view._db.execute("PRAGMA foreign_key_check"):
                yield f"SQLite: {row}"

    def close(self) -> None:
        with self._idle_lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """A connection; what it has begun and not committed is rolled back. One that met an error is not used again."""
        connection = self._borrow()
        sound = False
        try:
            yield connection
            sound = True
        finally:
            try:
                connection.rollback()
            except sqlite3.Error:
                sound = False
            if sound:
                self._give_back(connection)
            else:
                connection.close()

    @contextmanager
    def _saying(self, writing: bool = False) -> Iterator[None]:
        """Turn what SQLite says within a view or transaction into a StoreError; other errors are the caller's own."""
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(_sentence(self._path, error, self._patience, writing)) from error

    def _same_store(self, connection: sqlite3.Connection) -> None:
        """Refuse to write where another process has restored a backup into the store, which gave it another genesis."""
        (genesis,) = connection.execute("SELECT value FROM meta WHERE key = 'genesis'").fetchone()
        if genesis != self._meta["genesis"]:
            raise StoreError(f"{self._path} was filled from a backup meanwhile: start this process again.")

    def _borrow(self) -> sqlite3.Connection:
        with self._idle_lock:
            if self._closed:
                raise StoreError(f"The store {self._path} is closed.")
            if self._idle:
                return self._idle.pop()
        with _explained(self._path, self._patience):
            if not self._path.exists():
                raise StoreError(f"{self._path} is gone; restore it from a backup, or name another store with --store.")
            return _connect(self._path, self._patience)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._idle_lock:
            if not self._closed and len(self._idle) < 8:
                self._idle.append(connection)
                return
        connection.close()


def _connect(file: Path, patience: float) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=patience, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cache_size = -65536")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA journal_size_limit = 67108864")
    return connection


def _prepare(
    connection: sqlite3.Connection, file: Path, clock: Clock, randomness: Randomness, genesis: str | None, tell: Tell
) -> None:
    connection.execute("BEGIN")  # so that all three are of one moment, while another process makes the same store
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.execute("COMMIT")
    if application != APPLICATION_ID and (tables or application):
        raise StoreError(
            f"{file} is a database of another program, no Surveymark store; name another file with --store."
        )
    if version > VERSION:
        raise StoreError(f"{file} has schema {version}, this Surveymark reads up to {VERSION}: upgrade Surveymark.")
    known = {*CLASSES, *RELATIONSHIP_TYPES, "name", *(a for c in CLASSES.values() for a in c.attributes)}
    if tables:
        migrate(connection, file, tell)
        missing = known - {w for (w,) in connection.execute("SELECT word FROM word")}
        if not missing:
            return
    else:
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            for statement in whole():
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
            born = genesis or randomness(32).hex()
            connection.executemany(
                "INSERT INTO meta VALUES (?, ?)",
                [("genesis", born), ("digest_key", randomness(32).hex()), ("born_at", str(clock()))],
            )
            connection.execute("INSERT INTO head VALUES (1, 0, 0, '', 1)")
        have = {w for (w,) in connection.execute("SELECT word FROM word")}
        connection.executemany("INSERT INTO word (word) VALUES (?)", [(w,) for w in sorted(known - have)])
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


@contextmanager
def _explained(file: Path, patience: float) -> Iterator[None]:
    """Turn what SQLite or the system says into one sentence with the remedy."""
    try:
        yield
    except SurveymarkError:
        raise
    except sqlite3.Error as error:
        raise StoreError(_sentence(file, error, patience)) from error
    except PermissionError as error:
        raise StoreError(
            f"No permission for {error.filename or file}; run as its owner, or name another store with --store."
        ) from error
    except OSError as error:
        raise StoreError(f"{error.filename or file}: {error.strerror}; name another store with --store.") from error


def _sentence(file: Path, error: sqlite3.Error, patience: float, writing: bool = False) -> str:
    # The primary result code (sqlite.org/rescode.html); what Python's module says of itself has none. Texts name columns too.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"{file} is being written by {_holder(file)} for over {patience:g} s; wait for it, or end it, and try again."
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _free(file) < _LITTLE):
        return f"The disk of {file} is full; free some space and try again. Nothing of this was written."
    if code == sqlite3.SQLITE_READONLY:
        return f"{file} can not be written (read-only file, folder or file system); run as its owner or mount it for writing."
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return f"{file} is no Surveymark store, or damaged ({error}); name another file, or restore a backup."
    if code == sqlite3.SQLITE_CANTOPEN:
        return f"{file} can not be opened: no permission for it or its folder, or it is a folder; name another with --store."
    return f"{file}: {error}{' while writing; nothing of it was kept' if writing else ''}."


def _free(file: Path) -> int:
    """Bytes left on the file's disk; the shared memory of WAL meets a full one with an I/O error."""
    try:
        return shutil.disk_usage(file.parent).free
    except OSError:
        return _LITTLE


def _holder(file: Path) -> str:
    """Who writes, as far as can be told: the process that has the file's lock (proc_locks(5)), else another process."""
    holders: set[str] = set()
    names: list[str] = []
    try:
        table = Path("/proc/locks").read_text().splitlines()
        for name in (Path(f"{file}-shm"), file):
            inode = f":{name.stat().st_ino} "
            holders.update(line.split()[4] for line in table if inode in line and " WRITE " in line)
        names = [f"process {pid} ({Path(f'/proc/{pid}/comm').read_text().strip()})" for pid in sorted(holders)]
    except OSError:
        pass
    return ", ".join(names) or "another process"


def _database(file: Path) -> None:
    """Refuse a file that is no database. SQLite takes one of less than a page for empty and would write over it. One that
    begins with zeros is left to SQLite's judgement: a power cut leaves that while a store is made, with the journal beside it
    that undoes it."""
    with file.open("rb") as opened:
        head = opened.read(len(_MAGIC))
    if head.strip(b"\0") and head != _MAGIC:
        raise StoreError(f"{file} is no Surveymark store, or damaged (it is no database); name another with --store.")


def _make(folder: Path) -> None:
    """Make the folder and those above it, 0700, so that a power cut does not take them, and the store in them, away again.
    SQLite syncs the folder of its files, whose own name is in the folder above (fsync(2)). Errors are passed over as it
    does: not every file system can."""
    if folder.exists():
        return
    _make(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    with suppress(OSError):
        above = os.open(folder.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(above)
        finally:
            os.close(above)


def _local(file: Path) -> None:
    """Refuse network file systems, on which SQLite's locks and shared memory do not hold."""
    try:
        mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    except OSError:
        return
    place = str(file.parent.resolve())
    best = max(
        (m for m in mounts if place == m[1] or place.startswith(m[1].rstrip("/") + "/")),
        key=lambda m: len(m[1]),
        default=None,
    )
    if best is not None and best[2] in _NETWORK:
        raise StoreError(f"{file} lies on a network file system ({best[2]}); the embedded store needs a local disk.")

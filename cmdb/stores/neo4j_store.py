"""The store on Neo4j, Community 5.26 LTS and later: a labelled property graph that people query by hand.

`neo4j://[user@]host[:port][/database]` or `bolt://…`, with `+s` for TLS. Nothing of APOC or of the Enterprise edition is used.
Layout: neo4j_schema and neo4j_rows. Every writing transaction begins by setting a property of :Head, whose lock makes writers
serial; how views stay in one revision: neo4j_steady.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import unquote, urlsplit

from neo4j import Driver, GraphDatabase, Result, Session
from neo4j import Transaction as DatabaseTransaction
from neo4j.exceptions import DriverError, IncompleteCommit, Neo4jError, ServiceUnavailable, SessionExpired

from cmdb.model.classes import CLASSES
from cmdb.model.errors import StoreError, UsageError
from cmdb.model.times import now
from cmdb.portable import Birth, Dump, Record
from cmdb.ports import Clock, Randomness, Transaction, View
from cmdb.states import Head, Revision
from cmdb.stores import neo4j_portability as portability
from cmdb.stores.neo4j_migrations import Tell
from cmdb.stores.neo4j_records import Run
from cmdb.stores.neo4j_schema import PRODUCT, statements
from cmdb.stores.neo4j_steady import GATE, SteadyView
from cmdb.stores.neo4j_store_errors import NotMade, explained, filling
from cmdb.stores.neo4j_store_opening import prepared, runner
from cmdb.stores.neo4j_transaction import Neo4jTransaction

PATIENCE_SECONDS = 30.0
USER = "SURVEYMARK_STORE_USER"
_SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")


class Neo4jStore:
    """A Store (ports.py) in one Neo4j database."""

    def __init__(self, url: str, driver: Driver, database: str | None, meta: dict[str, str], patience: float) -> None:
        self.url = url
        self._driver = driver
        self._database = database
        self._meta = meta
        self._patience = patience
        self._bookmarks = GraphDatabase.bookmark_manager()
        self._writing = threading.Lock()
        self._closed = False
        self._filling = False

    @classmethod
    def open(
        cls,
        url: str,
        *,
        password: str | None = None,
        clock: Clock = now,
        randomness: Randomness = secrets.token_bytes,
        genesis: str | None = None,
        patience: float = PATIENCE_SECONDS,
        tell: Tell = lambda _: None,
        filling: bool = False,
    ) -> Neo4jStore:
        """Open the store at `url`, making it in an empty database.

        `password` is that of the user in the URL, else of SURVEYMARK_STORE_USER, else of "neo4j"; None for a server without
        authentication. `genesis`, `clock` and `randomness` are what a new store's ids, birth and keys are made from. A store
        of an older schema is brought forward, which `tell` is told. One whose load did not complete is opened only for
        `filling` it. Raises UsageError for a URL that is none or holds a
        password, StoreError with the remedy where the server does not answer, refuses the user, or holds the data of another
        program or of a newer schema.
        """
        shown, address, user, database = _parsed(url)
        auth = (user, password) if password is not None else None
        with explained(shown, user):
            driver = GraphDatabase.driver(
                address,
                auth=auth,
                user_agent="surveymark",
                notifications_min_severity="OFF",
                telemetry_disabled=True,
                connection_timeout=patience,
                max_transaction_retry_time=0,
            )
            try:
                with driver.session(database=database) as session:
                    meta = prepared(session, shown, clock, randomness, genesis, tell)
                    if meta.get("loading") and not filling:
                        raise StoreError(portability.HALF.format(shown))
            except BaseException:
                driver.close()
                raise
        return cls(shown, driver, database, meta, patience)

    def genesis(self) -> str:
        return self._meta["genesis"]

    def digest_key(self) -> bytes:
        return bytes.fromhex(self._meta["digest_key"])

    @contextmanager
    def view(self) -> Iterator[View]:
        with self._explained(), self._session() as session:

            def run(cypher: str, /, **parameters: Any) -> list[list[Any]]:
                return session.run(cypher, parameters).values()

            yield SteadyView(run, self._quiet)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self._writing_in() as writing:
            yield writing

    @contextmanager
    def _writing_in(self) -> Iterator[Neo4jTransaction]:
        with self._lock("lock") as (tx, writer, head):
            sent: list[tuple[Result, int]] = []

            def send(cypher: str, expected: int = 0, /, **parameters: Any) -> None:
                sent.append((tx.run(cypher, parameters), expected))

            writing = Neo4jTransaction(runner(tx), send, head)
            yield writing
            writing.send_all()
            if sent:
                _all_made(sent)
                self._commit(tx, writer, writing.revisions_written)

    @contextmanager
    def dump(self) -> Iterator[Dump]:
        with self._lock("reader") as (tx, _, head):

            def stream(cypher: str, /, **parameters: Any) -> Iterator[list[Any]]:
                return (record.values() for record in tx.run(cypher, parameters))

            yield Dump(portability.birth(self._meta), head, portability.records(stream))

    def load(self, birth: Birth, head: Head, records: Iterable[Record]) -> None:
        def run(cypher: str, /, **parameters: Any) -> list[list[Any]]:
            return session.run(cypher, parameters).values()

        with self._explained(), self._session() as session:
            self._filling = True
            try:
                with filling():
                    portability.load(run, self._writing_in, birth, head, records)
                self._meta = dict(session.run("MATCH (m:Meta) RETURN m {.*}").single(strict=True)[0])
            finally:
                self._filling = False

    def scrub(self) -> bool:
        return True

    def check(self) -> Iterable[str]:
        with self._explained(), self._session() as session:
            have = dict(session.run("SHOW INDEXES YIELD name, state").values())
            for name in statements():
                if name not in have:
                    yield f"Neo4j: the index or constraint {name} is missing; opening the store makes it again."
                elif have[name] != "ONLINE":
                    yield f"Neo4j: the index {name} is {have[name]}."
            for question, sentence in _UNSOUND:
                for (found,) in session.run(question, classes=list(CLASSES)).values():
                    yield f"Neo4j: {sentence.format(found)}"

    def close(self) -> None:
        self._closed = True
        self._driver.close()

    # -- sessions and locks --------------------------------------------------------------------------------------------

    def _session(self) -> Session:
        if self._closed:
            raise StoreError(f"The store {self.url} is closed.")
        return self._driver.session(database=self._database, bookmark_manager=self._bookmarks)

    def _explained(self) -> Any:
        return explained(self.url)

    @contextmanager
    def _lock(self, mark: str) -> Iterator[tuple[DatabaseTransaction, str, Head]]:
        """A database transaction that holds the lock on :Head, the name that it left there under `mark`, and the head.
        Rolled back unless it is committed within."""
        if not self._writing.acquire(timeout=self._patience):
            raise StoreError(f"Another thread of this process has been writing to {self.url} for over 30 s; try again.")
        try:
            with self._explained(), self._session() as session:
                writer = f"{socket.gethostname()} process {os.getpid()} {secrets.token_hex(8)}"
                tx = session.begin_transaction(metadata={PRODUCT: writer})
                try:
                    yield tx, writer, self._take(tx, mark, writer)
                finally:
                    tx.close()
        finally:
            self._writing.release()

    def _take(self, tx: DatabaseTransaction, mark: str, writer: str) -> Head:
        """Wait for the lock; Neo4j itself would wait for ever."""
        late = threading.Event()

        def end() -> None:
            late.set()
            with suppress(DriverError, Neo4jError):
                self._terminate(writer)

        timer = threading.Timer(self._patience, end)
        timer.daemon = True
        timer.start()
        try:
            cypher = f"MATCH (h:Head) SET h.{mark} = $writer RETURN h.number, h.committed_at, h.digest, h.genesis"
            number, committed_at, digest, genesis = tx.run(cypher, writer=writer).single(strict=True)
            if genesis not in (None, self._meta["genesis"]) and not self._filling:
                raise StoreError(
                    f"{self.url} is filled from a backup or another store: start this process again, after that."
                )
            return Head(number, committed_at, digest)
        except (DriverError, Neo4jError) as error:
            if late.is_set():
                raise StoreError(
                    f"{self.url} is being written by {self._holder(writer)} for over {self._patience:.0f} s; wait for it, "
                    "or end it, and try again."
                ) from error
            raise
        finally:
            timer.cancel()

    def _terminate(self, writer: str) -> None:
        with self._driver.session(database=self._database) as session:
            found = session.run(
                f"SHOW TRANSACTIONS YIELD transactionId, metaData WHERE metaData.{PRODUCT} = $writer RETURN transactionId",
                writer=writer,
            ).value()
            session.run("TERMINATE TRANSACTIONS $ids", ids=found).consume()

    def _holder(self, writer: str) -> str:
        """Who writes, as far as it can be told."""
        with suppress(DriverError, Neo4jError), self._driver.session(database=self._database) as session:
            found = session.run(
                f"SHOW TRANSACTIONS YIELD metaData, startTime WHERE metaData.{PRODUCT} <> $writer "
                f"RETURN metaData.{PRODUCT} AS name ORDER BY startTime LIMIT 1",
                writer=writer,
            ).value()
            if found:
                return str(found[0]).rpartition(" ")[0]
        return "another program"

    @contextmanager
    def _quiet(self) -> Iterator[Run]:
        """Statements that run while nobody commits. A gate that a writer left open when it died is closed."""
        with self._lock("reader") as (tx, _, _):
            run = runner(tx)
            announced, settled = run(GATE)[0]
            if announced != settled:
                run("MATCH (g:Gate) SET g.settled = g.announced")
            yield run
            if announced != settled:
                tx.commit()

    def _commit(self, tx: DatabaseTransaction, writer: str, revisions: list[Revision]) -> None:
        """Commit between announcing and settling it. Where the connection is lost meanwhile, look whether it landed."""
        with self._session() as session:
            announced = session.run("MATCH (g:Gate) SET g.announced = g.announced + 1 RETURN g.announced").single(
                strict=True
            )[0]
        try:
            tx.commit()
        except (IncompleteCommit, ServiceUnavailable, SessionExpired) as error:
            if not self._landed(writer, revisions):
                raise StoreError(
                    f"The connection to {self.url} was lost; nothing of this was written: send it again."
                ) from error
        finally:
            # Where this fails the next writer settles it, or a reader that has waited.
            with suppress(DriverError, Neo4jError), self._session() as session:
                session.run(
                    "MATCH (g:Gate) SET g.settling = $number WITH g WHERE g.settled < $number SET g.settled = $number",
                    number=announced,
                ).consume()

    def _landed(self, writer: str, revisions: list[Revision]) -> bool:
        """Whether a transaction whose end was not heard of was committed. The lock on :Head is had once it has ended."""
        with self._session() as session, session.begin_transaction(metadata={PRODUCT: writer}) as tx:
            self._take(tx, "reader", writer)
            if tx.run("MATCH (h:Head) RETURN h.lock").single(strict=True)[0] == writer:
                return True
            if not revisions:
                return False
            found = tx.run("MATCH (r:Revision {number: $number}) RETURN r.digest", number=revisions[-1].number).value()
            return found == [revisions[-1].digest]


_UNSOUND = (
    (
        """MATCH (n:CI) WHERE n.id IS NULL OR n.since IS NULL OR n._seal IS NULL OR n._listed IS NULL OR n._text IS NULL
        RETURN coalesce(n.id, elementId(n)) LIMIT 20""",
        "the node {} lacks properties that every CI has; it was written by hand.",
    ),
    (
        """MATCH (n:CI) WHERE size([l IN labels(n) WHERE l IN $classes]) <> 1 OR size(labels(n)) <> 2
        RETURN coalesce(n.id, elementId(n)) LIMIT 20""",
        "the node {} is not of exactly one class.",
    ),
    (
        """MATCH (n:CI) WHERE n._part IS NOT NULL AND NOT EXISTS { (n)--(p:CI) WHERE n._part STARTS WITH p.id + ' ' }
        RETURN n.id LIMIT 20""",
        "the part {} has no relationship to its parent.",
    ),
)


def _parsed(url: str) -> tuple[str, str, str, str | None]:
    """(the URL as shown, address for the driver, user, database)."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError as error:
        raise UsageError(f"The store's URL is not valid: {error}.") from None
    if parts.password is not None:
        raise UsageError(
            "The store's URL holds a password, which would show in the list of processes and in logs: leave it out, and put "
            "it into SURVEYMARK_STORE_PASSWORD or a file (chmod 600) named by SURVEYMARK_STORE_PASSWORD_FILE."
        )
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise UsageError(
            f"{url!r:.200} is no address of a Neo4j: write neo4j://host, neo4j://host:7687/database or bolt://host."
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    user = unquote(parts.username) if parts.username else os.environ.get(USER, "neo4j")
    database = unquote(parts.path.strip("/")) or None
    address = f"{parts.scheme}://{host}{port}"
    return f"{address}/{database}" if database else address, address, user, database


def _all_made(sent: list[tuple[Result, int]]) -> None:
    """Wait for what was sent, and see that each row found what it belongs to."""
    for result, expected in sent:
        counters = result.consume().counters
        made = counters.nodes_created + counters.relationships_created
        if expected and made != expected:
            raise NotMade(
                f"Of {expected} nodes and relationships {made} were made: an end of them is not in the graph."
            )

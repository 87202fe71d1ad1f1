"""The opening of a Neo4j store: whose the database is, of which schema, and what of it is missing."""

from __future__ import annotations

from typing import Any

from neo4j import ManagedTransaction, Session
from neo4j import Transaction as DatabaseTransaction

from cmdb.model.errors import StoreError
from cmdb.ports import Clock, Randomness
from cmdb.stores.neo4j_migrations import Tell, migrate
from cmdb.stores.neo4j_records import Run
from cmdb.stores.neo4j_schema import PRODUCT, VERSION, statements
from cmdb.stores.neo4j_store_schema import make_schema


def prepared(
    session: Session, url: str, clock: Clock, randomness: Randomness, genesis: str | None, tell: Tell
) -> dict[str, str]:
    """What the store in a database was born with; schema and first nodes are made where they are missing."""
    cypher = "MATCH (m:Meta {product: $product}) RETURN m {.*}"
    found = session.run(cypher, product=PRODUCT).value()
    if not found and session.run("MATCH (n) RETURN 1 LIMIT 1").value():
        raise StoreError(
            f"{url} is a database of another program, no Surveymark store: name another one, neo4j://host/database."
        )
    if found and found[0]["version"] > VERSION:
        raise StoreError(
            f"{url} has schema {found[0]['version']}, this Surveymark reads up to {VERSION}: upgrade Surveymark."
        )
    if found:
        migrate(url, found[0]["version"], lambda step: session.execute_write(lambda tx: step(runner(tx))), tell)
    make_schema(session, statements())
    if found:
        return dict(found[0])
    born = genesis or randomness(32).hex()
    with session.begin_transaction() as tx:
        meta = tx.run(
            "MERGE (m:Meta {product: $product}) ON CREATE SET m.version = $version, m.genesis = $genesis, "
            "m.digest_key = $key, m.born_at = $time "
            "MERGE (h:Head {one: 1}) ON CREATE SET h.number = 0, h.committed_at = 0, h.digest = '', h.scopes = 0 "
            "MERGE (g:Gate {one: 1}) ON CREATE SET g.announced = 0, g.settled = 0 RETURN m {.*}",
            product=PRODUCT,
            version=VERSION,
            genesis=born,
            key=randomness(32).hex(),
            time=clock(),
        ).single(strict=True)[0]
        tx.commit()
    return dict(meta)


def runner(tx: DatabaseTransaction | ManagedTransaction) -> Run:
    def run(cypher: str, /, **parameters: Any) -> list[list[Any]]:
        return tx.run(cypher, parameters).values()

    return run

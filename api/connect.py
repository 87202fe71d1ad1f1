"""The estate that a command asks: the store that it opens itself, or a server."""

from __future__ import annotations

import argparse
import getpass
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote

from agent.terminal import Terminal
from api import credentials
from api.state import state
from cmdb.model.errors import StoreError, SurveymarkError, UsageError

if TYPE_CHECKING:
    from api.estate import Estate
    from api.local_estate import LocalEstate
    from cmdb.ports import Store


@contextmanager
def connected(options: argparse.Namespace, create: bool = False) -> Iterator[Estate]:
    """The estate that the options name. A store that is missing is made with `create` only."""
    server = getattr(options, "server", None)
    if server is None:
        with opened(options, create) as estate:
            yield estate
        return
    if getattr(options, "store", None) is not None:
        raise UsageError("Either --store or --server, not both.")
    from api.remote_estate import RemoteEstate

    yield RemoteEstate(server, credentials.access_token(getattr(options, "token_file", None)))


@contextmanager
def opened(options: argparse.Namespace, create: bool = False) -> Iterator[LocalEstate]:
    """The store that the options name, opened by this process on behalf of its user, who is an administrator of it."""
    if sys.version_info < (3, 11):  # noqa: UP036 - the agent runs on 3.9
        raise SurveymarkError("A store needs Python 3.11 or later; `surveymark agent once --print` does with this one.")
    from api.caller import Caller
    from api.local_estate import LocalEstate

    store = open_store(store_url(options), create)
    try:
        yield LocalEstate(store, Caller(f"os:{user()}", ("admin",)))
    finally:
        store.close()


def store_url(options: argparse.Namespace) -> str:
    return getattr(options, "store", None) or os.environ.get("SURVEYMARK_STORE") or state().store_url


def open_store(url: str, create: bool, filling: bool = False) -> Store:
    """The store at a URL; one that was not filled to the end is opened only for `filling` it again.

    Raises UsageError for a URL of no kind that is known, StoreError with the remedy otherwise.
    """
    parts = credentials.address(url, "The store's URL")
    if parts.scheme == "sqlite":
        path = unquote(parts.path)
        if parts.netloc or not path.strip("/") or "\0" in path or parts.query or parts.fragment:
            raise UsageError(
                f"{url!r:.200} names no file: write sqlite:///absolute/path.db, with %3F for ? and %23 for #."
            )
        from cmdb.stores.sqlite_store import SqliteStore

        return SqliteStore.open("/" + path.lstrip("/"), create=create, tell=_tell)
    if parts.scheme in ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc"):
        from cmdb.stores.neo4j_store import Neo4jStore

        logging.getLogger("neo4j").addHandler(
            logging.NullHandler()
        )  # What matters of it is in the error that we raise.
        password = credentials.store_password()
        try:
            return Neo4jStore.open(url, password=password, tell=_tell, filling=filling)
        except StoreError as error:
            asked = None
            if password is None and type(error.__cause__).__name__ == "AuthError":
                asked = credentials.asked_password(f"the store {url}")
            if asked is None:
                raise
            return Neo4jStore.open(url, password=asked, tell=_tell, filling=filling)
    raise UsageError(f"{url!r:.200} is no store: write sqlite:///path, neo4j://host or bolt://host.")


def _tell(sentence: str) -> None:
    Terminal().say(sentence)


def user() -> str:
    """Who runs this process, as the system has it (not what the environment says)."""
    try:
        import pwd

        return pwd.getpwuid(os.geteuid()).pw_name
    except (ImportError, KeyError):
        return str(os.geteuid()) if hasattr(os, "geteuid") else getpass.getuser()

"""What Neo4j or its driver says, as one sentence with the remedy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from neo4j.exceptions import (
    AuthError,
    ConfigurationError,
    ConstraintError,
    CypherTypeError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from cmdb.model.errors import StoreError
from cmdb.portable import fitting, misfit

_NO_DATABASE = "Neo.ClientError.Database.DatabaseNotFound"
_FAILED = "Neo.DatabaseError.Transaction."
"""The database's own fault, a full disk most of the time; it refuses everything until it is restarted."""
_ENDED = ("Neo.ClientError.Transaction.Terminated", "Neo.ClientError.Transaction.LockClientStopped")
"""What the driver makes of a transaction that an administrator or a time limit ended."""
_SECURITY = "Neo.ClientError.Security."


@contextmanager
def explained(url: str, user: str = "") -> Iterator[None]:
    """Turn errors of the database into StoreErrors; all others pass."""
    try:
        yield
    except (DriverError, Neo4jError) as error:
        raise StoreError(_sentence(url, user, error)) from error


class NotMade(StoreError):
    """A statement made less than its rows ask for."""


@contextmanager
def filling() -> Iterator[None]:
    """Around a load: what records lead to that do not fit each other."""
    try:
        with fitting():
            yield
    except NotMade as error:
        raise misfit(error) from error
    except StoreError as error:
        if isinstance(error.__cause__, (ConstraintError, CypherTypeError)):
            raise misfit(error.__cause__) from error
        raise


def _sentence(url: str, user: str, error: DriverError | Neo4jError) -> str:
    said = str(getattr(error, "message", None) or error).strip().partition("\n")[0].rstrip(".:")
    if isinstance(error, AuthError):
        return (
            f"{url} refuses {f'the user {user}' if user else 'the user'} or the password ({said}): put the password into "
            "SURVEYMARK_STORE_PASSWORD or a file (chmod 600) named by SURVEYMARK_STORE_PASSWORD_FILE, another user into the "
            "URL (neo4j://user@host) or SURVEYMARK_STORE_USER."
        )
    if isinstance(error, (ServiceUnavailable, SessionExpired)):
        return _unreachable(url, said)
    code = str(getattr(error, "code", ""))
    if code == _NO_DATABASE:
        return f"{url}: there is no such database ({said}); the Community edition has one, named neo4j."
    if code.endswith("ReadOnlyAccessDatabase") or "ReadOnly" in code:
        return (
            f"{url} may only be read ({said}); a store of an older schema is brought forward when it is first opened: allow "
            "writing to it, at least once."
        )
    if code.startswith(_SECURITY):
        return f"{url}: the user may not do this ({said}); change its first password, or give it the rights of an administrator."
    if isinstance(error, ConfigurationError):
        return f"{url} can not be opened as that ({said}); write neo4j://host:port, or neo4j+s://host:port where it speaks TLS."
    if isinstance(error, ConstraintError):
        return f"{url}: {said}; nothing of this was kept."
    if isinstance(error, TransientError) or code in _ENDED:
        return f"{url} could not do it now ({said}); nothing of this was kept: try again."
    if code.startswith(_FAILED):
        return (
            f"{url} could not write ({said}): make room where its disk is full, restart Neo4j there (its log says more), and "
            "send this again; it lands once, whether it was written or not."
        )
    return f"{url}: {said}."


def _unreachable(url: str, said: str) -> str:
    return f"{url} does not answer ({said}): start Neo4j there, or name another store with --store."

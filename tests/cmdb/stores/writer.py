"""A process that takes batches of one host into a store, and says of each that it was taken.

    python -m tests.cmdb.stores.writer STORE NAME COUNT

Ends with status 4 and the store's sentence on standard error where it can not.
"""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

from cmdb.model.errors import StoreError
from cmdb.stores.sqlite_store import SqliteStore
from tests.cmdb.building import GENESIS, Receiver, Reporter, network, packages, software, system

PACKAGES = 300


def batch_of(name: str, number: int) -> bytes:
    """The batch of that number of a host: all its packages change with each, and one address is everybody's."""
    reporter = Reporter(name, sequence=number)
    some = [f"package{n}" for n in range(number % 3, PACKAGES)]
    return reporter.batch(
        system(name), packages(*some, version=str(number)), network("10.0.0.1", f"10.0.1.{number}"), software("sshd:22")
    )


def main(arguments: list[str]) -> int:
    """Returns the exit status: 4 with the store's sentence on standard error."""
    path, name = Path(arguments[0]), arguments[1]
    try:
        with closing(SqliteStore.open(path, genesis=GENESIS)) as store:
            cmdb = Receiver(store, seed=name)
            for number in range(int(arguments[2])):
                cmdb.take(batch_of(name, number))
                print(number, flush=True)
    except StoreError as error:
        print(error.message, file=sys.stderr)
        return error.status
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

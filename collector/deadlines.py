"""How long each phase of the way to a host may take, in seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds for each phase; what trickles in does not prolong them.

    `connect` is the TCP connection, `banner` the server's identification, `key_exchange` up to the new keys,
    `authentication` all tries of one connection together, `command` one command, `total` everything of one target.
    """

    connect: float = 5.0
    banner: float = 5.0
    key_exchange: float = 10.0
    authentication: float = 20.0
    command: float = 60.0
    total: float = 180.0

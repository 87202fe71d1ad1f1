"""Where this installation keeps its own things: the agent's key and count of batches, the embedded store.

The folder is $SURVEYMARK_STATE, else what systemd gives a service (systemd.exec(5), STATE_DIRECTORY), else /var/lib/surveymark
for root, else the XDG state folder of the user (XDG Base Directory Specification 0.8). Runs on Python 3.9.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

import agent.state

SERVICE = Path("/var/lib/surveymark")


@dataclass(frozen=True)
class State(agent.state.State):
    """The folder of an installation, whose own agent keeps its things there too."""

    variable: ClassVar[str] = "SURVEYMARK_STATE"

    @property
    def store_url(self) -> str:
        """The embedded store that is used where none is named."""
        self.check()
        return f"sqlite://{quote(str(self.folder / 'surveymark.db'))}"

    def collector(self, zone: str) -> str:
        """The name under which this installation's sweeps of a zone report."""
        own = "ssh:" + hashlib.sha256(b"collector " + self.agent_key().encode()).hexdigest()[:16]
        return own if zone == "default" else f"{own}:{zone}"


def state(environment: Mapping[str, str] | None = None) -> State:
    """The state folder that the environment says."""
    given = os.environ if environment is None else environment
    return State(agent.state.folder(State.variable, SERVICE, given))

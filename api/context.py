"""What the routes of one application share: its settings, its estate, sessions, tokens and limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app

from api.admission import Admission
from api.agent_keys import AgentKeys
from api.agents import Agents
from api.limits import Limit
from api.local_estate import LocalEstate
from api.sessions import Sessions
from api.settings import Settings
from api.tokens import Tokens

NAME = "surveymark"


@dataclass(frozen=True, slots=True)
class Server:
    """One application's own things. `estate` answers for nobody; see `LocalEstate.of`."""

    settings: Settings
    estate: LocalEstate
    tokens: Tokens
    sessions: Sessions
    requests: Limit
    failures: Limit
    agents: Agents
    keys: AgentKeys
    admission: Admission


def server() -> Server:
    """The server that handles the present request."""
    return cast(Server, current_app.extensions[NAME])

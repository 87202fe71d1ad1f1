"""Who asks, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass

from cmdb.model.errors import ForbiddenError

ROLES: dict[str, tuple[str, ...]] = {
    "reader": ("read",),
    "operator": ("read", "operate"),
    "agent": ("report",),
    "enrol": ("enrol",),
    "collector": ("report", "sweep"),
    "admin": ("read", "operate", "report", "sweep", "administer"),
}
"""Permissions by role: read the graph; make baselines and records, keep reports, say what people
know of things; hand in what an agent saw; keep records of sweeps, and hand
in what they saw; manage tokens and own attributes, examine the store. Enrolling agents is for tokens that can do nothing else."""

_MEANS = {
    "read": "reading the graph",
    "operate": "making baselines and records, keeping reports and editing what people say",
    "report": "handing in what an agent saw",
    "enrol": "enrolling an agent",
    "sweep": "keeping records of sweeps",
    "administer": "managing tokens and own attributes and examining the store",
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody known. `actor` is what revisions name; `source` is the only one that it may report as, None for any. `token` is
    the id of the token that it came with, `agent` that of the agent that signed."""

    actor: str
    roles: tuple[str, ...]
    source: str | None = None
    token: str = ""
    agent: str = ""

    def may(self, permission: str) -> bool:
        return any(permission in ROLES.get(role, ()) for role in self.roles)

    def needs(self, permission: str) -> None:
        """Raises ForbiddenError where no role of the caller has the permission."""
        if not self.may(permission):
            can = ", ".join(role for role, has in ROLES.items() if permission in has)
            raise ForbiddenError(
                f"{self.actor} is {', '.join(self.roles) or 'nobody'}; {_MEANS[permission]} needs one of: {can}.",
                permission=permission,
            )

"""Who may erase."""

from __future__ import annotations

import pytest

from api.caller import Caller
from api.local_estate import LocalEstate
from cmdb.model.errors import ForbiddenError


def test_only_an_administrator_erases(estate: LocalEstate) -> None:
    for roles in (("reader",), ("editor",)):
        other = estate.of(Caller("ann", roles))
        for act in (other.redact, other.lift_redaction):
            with pytest.raises(ForbiddenError):
                act("nobody", "os", "a secret")

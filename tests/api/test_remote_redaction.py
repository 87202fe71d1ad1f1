"""Redaction behind a server: done there, with the same answers."""

from __future__ import annotations

import pytest

from api.local_estate import LocalEstate
from api.remote_estate import RemoteEstate
from cmdb.model.errors import NotFoundError
from tests.api.test_remote_estate import remote, url

__all__ = ["remote", "url"]


def test_a_redaction_from_afar_is_refused_as_here(remote: RemoteEstate, estate: LocalEstate) -> None:
    for each in (remote, estate):
        with pytest.raises(NotFoundError, match="no value of 'owner'"):
            each.redact("nobody", "owner", "a person")
        with pytest.raises(NotFoundError, match="not redacted"):
            each.lift_redaction("nobody", "owner", "a mistake")

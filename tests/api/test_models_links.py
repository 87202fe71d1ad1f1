"""Shapes of a run that derives links."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from api.models_links import Links, LinksWanted


def test_a_run_writes_unless_told_not_to() -> None:
    assert LinksWanted.model_validate({}).dry_run is False
    with pytest.raises(ValidationError):
        LinksWanted.model_validate({"dryrun": True})


def test_a_run_says_each_of_its_counts() -> None:
    counts = dict.fromkeys(("created", "updated", "retired", "refused", "unplaced_count"), 0)
    whole = {
        "at": "2026-01-01T00:00:00.000000Z",
        "dry_run": False,
        "links": {"confirmed": 1, "one-sided": 2, "inferred": 3},
        "revisions": [2],
        "unplaced": [{"ci": "x", "name": "sw", "port": "Eth1", "why": "because"}],
        **counts,
    }

    assert Links.model_validate(whole).links.one_sided == 2
    for name in whole:
        with pytest.raises(ValidationError):
            Links.model_validate({k: v for k, v in whole.items() if k != name})

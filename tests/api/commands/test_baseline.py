"""`surveymark baseline`."""

from __future__ import annotations

from collections.abc import Callable

from tests.api.conftest import Done
from tests.baselines.site import Site

Run = Callable[..., Done]


def test_a_baseline_is_made_approved_listed_shown_and_verified(surveymark: Run) -> None:
    made = surveymark("baseline", "create", "first", "--scope", "")
    digest = made.out.split("digest:")[1].strip()

    alone = surveymark("baseline", "approve", "first", "--digest", digest)
    approved = surveymark("baseline", "approve", "first", "--digest", digest, "--self", "alone here")

    assert f"--digest {digest}" in made.err
    assert (made.status, alone.status, approved.status) == (0, 2, 0)
    assert "approved (self-approved)" in approved.out
    assert "first  approved (self-approved)" in surveymark("baseline", "list").out
    assert digest in surveymark("baseline", "show", "first").out
    assert surveymark("baseline", "verify", "first").out.startswith("Sound: ")


def test_a_flipped_byte_is_found_with_status_1(surveymark: Run, site: Site) -> None:
    surveymark("baseline", "create", "first", "--scope", "")
    with site.store.transaction() as tx:
        db = tx._db  # type: ignore[attr-defined]
        (address, data) = db.execute("SELECT digest, data FROM document ORDER BY length(data) DESC").fetchone()
        broken = bytes([*data[:-20], data[-20] ^ 1, *data[-19:]])
        db.execute("UPDATE document SET data = ? WHERE digest = ?", (broken, address))

    done = surveymark("baseline", "verify", "first")

    assert done.status == 1
    assert "NOT what was frozen" in done.out
    assert surveymark("baseline", "verify", "first", "--json").json["sound"] is False


def test_a_past_state_can_be_frozen(surveymark: Run, site: Site) -> None:
    from tests.baselines.site import packages

    site.report("web", packages("curl=2"))
    made = surveymark("baseline", "create", "old", "--scope", "class:SoftwarePackage", "--at", "1", "--json").json
    assert (made["revision"], made["counts"]["SoftwarePackage"]) == (1, 2)

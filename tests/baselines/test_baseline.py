"""The register: names, approvals, states."""

from __future__ import annotations

import pytest

from baselines import baseline
from baselines.documents import Document
from cmdb.model.errors import ConflictError, ForbiddenError, NotFoundError, UsageError
from cmdb.model.times import iso
from cmdb.reconcile import revision_digest
from tests.baselines.site import Site, packages, system


def create(site: Site, name: str = "base", scope: str = "", actor: str = "ann", at: int | None = None) -> Document:
    return baseline.create(site.store, name, scope, actor, at, site.clock, site.randomness)


def approve(site: Site, name: str, digest: str, actor: str, reason: str | None = None) -> Document:
    return baseline.approve(site.store, name, digest, actor, reason, site.clock, site.randomness)


def show(site: Site, name: str = "base") -> Document:
    with site.store.view() as view:
        return baseline.show(view, name)


@pytest.fixture
def reported(site: Site) -> Site:
    site.report("web1", system("web1"), packages("curl"))
    return site


def test_a_created_baseline_is_proposed_and_says_what_it_holds(reported: Site) -> None:
    made = create(reported, scope="class:Host")

    assert made == show(reported)
    assert made["state"] == "proposed"
    assert made["approval"] is None
    assert made["counts"] == {"Host": 1, "SoftwarePackage": 1, "relations": 0}
    assert (made["created_by"], made["revision"], made["scope"]) == ("ann", 1, "class:Host")


def test_creating_makes_a_revision_of_its_own_kind_that_the_chain_holds(reported: Site) -> None:
    create(reported)

    with reported.store.view() as view:
        head, revision, before = view.head(), view.revision(2), view.revision(1)
        entry = view.entry("baseline", "base")
    assert revision is not None
    assert before is not None
    assert entry is not None
    assert (revision.kind, revision.actor, revision.previous) == ("baseline", "ann", before.digest)
    assert head.digest == revision.digest
    assert revision.digest == revision_digest(
        revision, [("created", "entry", "baseline base", None, entry.digest.hex())]
    )


def test_a_name_is_taken_once(reported: Site) -> None:
    create(reported)

    with pytest.raises(ConflictError, match="already"):
        create(reported)


@pytest.mark.parametrize("name", ["", " ", "-x", "a b", "a/b", "x\n", "a\x00", "x" * 101])
def test_a_name_that_is_none_is_refused(reported: Site, name: str) -> None:
    with pytest.raises(UsageError, match="no name"):
        create(reported, name)


def test_nothing_is_frozen_of_a_scope_that_nothing_matches_or_of_an_empty_store(site: Site) -> None:
    with pytest.raises(UsageError, match="The store is empty"):
        create(site)
    site.report("web1", system("web1"))

    with pytest.raises(UsageError, match="Nothing matches"):
        create(site, scope="name:nowhere")
    with pytest.raises(UsageError, match="no class"):
        create(site, scope="class:Nonsense")
    with site.store.view() as view:
        assert view.head().number == 1


def test_a_baseline_as_of_a_revision_holds_what_was_true_then(reported: Site) -> None:
    then = reported.head()
    reported.report("web1", system("web1"), packages("curl", "nginx"))

    made = create(reported, at=then)

    with reported.store.view() as view:
        revision = view.revision(then)
    assert revision is not None
    assert (made["revision"], made["as_of"]) == (then, iso(revision.committed_at))
    assert made["counts"]["SoftwarePackage"] == 1


def test_somebody_else_approves_what_was_shown(reported: Site) -> None:
    digest = create(reported)["digest"]

    approved = approve(reported, "base", digest, "bob")

    assert approved == show(reported)
    assert approved["state"] == "approved"
    assert {k: v for k, v in approved["approval"].items() if k != "approved_at"} == {
        "digest": digest,
        "approved_by": "bob",
        "self_approved": False,
        "reason": "",
    }
    with reported.store.view() as view:
        revision = view.revision(view.head().number)
    assert revision is not None
    assert revision.kind == "approval"


def test_who_created_it_approves_it_with_a_reason_only_and_it_is_told(reported: Site) -> None:
    digest = create(reported)["digest"]

    with pytest.raises(ForbiddenError, match="--self REASON"):
        approve(reported, "base", digest, "ann")
    with pytest.raises(ForbiddenError, match="--self REASON"):
        approve(reported, "base", digest, "ann", "  ")
    approval = approve(reported, "base", digest, "ann", "I am alone here")["approval"]

    assert (approval["self_approved"], approval["reason"]) == (True, "I am alone here")


def test_a_reason_of_ones_own_is_not_for_others(reported: Site) -> None:
    digest = create(reported)["digest"]

    with pytest.raises(UsageError, match="without --self"):
        approve(reported, "base", digest, "bob", "why not")


def test_an_approval_is_bound_to_the_digest_that_was_shown(reported: Site) -> None:
    create(reported)
    other = create(reported, "other")["digest"]

    with pytest.raises(ConflictError, match="look again"):
        approve(reported, "base", other, "bob")
    assert show(reported)["state"] == "proposed"


def test_a_baseline_is_approved_once(reported: Site) -> None:
    digest = create(reported)["digest"]
    approve(reported, "base", digest, "bob")

    with pytest.raises(ConflictError, match="approved already"):
        approve(reported, "base", digest, "bob")


def test_an_approved_baseline_supersedes_the_one_of_the_same_scope(reported: Site) -> None:
    for name, scope in (("old", "class:Host"), ("elsewhere", ""), ("new", " class:host ")):
        approve(reported, name, create(reported, name, scope)["digest"], "bob")

    states = {name: (show(reported, name)["state"], show(reported, name)["superseded_by"]) for name in ("old", "new")}

    assert states == {"old": ("superseded", "new"), "new": ("approved", None)}
    assert show(reported, "elsewhere")["state"] == "approved"


def test_all_are_listed_by_name(reported: Site) -> None:
    create(reported, "b")
    create(reported, "a")

    with reported.store.view() as view:
        found = baseline.registered(view)

    assert [row["name"] for row in found["items"]] == ["a", "b"]
    assert (found["total"], found["next"], found["revision"]) == (2, None, 3)


def test_a_baseline_that_there_is_not_is_said_with_those_that_there_are(reported: Site) -> None:
    with pytest.raises(NotFoundError, match="none yet"):
        show(reported)
    create(reported)

    with reported.store.view() as view:
        for ask in (baseline.show, baseline.verify, baseline.load):
            with pytest.raises(NotFoundError, match="there are base"):
                ask(view, "bsae")


def test_verify_says_the_name_and_that_all_is_sound(reported: Site) -> None:
    create(reported)

    with reported.store.view() as view:
        found = baseline.verify(view, "base")

    assert (found["name"], found["sound"]) == ("base", True)

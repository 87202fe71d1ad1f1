"""Access tokens."""

from __future__ import annotations

import json

import pytest

from api.tokens import Enrolling, Tokens
from cmdb.model.errors import ConflictError, NotFoundError, UsageError
from cmdb.model.times import SECOND
from tests.baselines.site import Site


@pytest.fixture
def tokens(site: Site) -> Tokens:
    return Tokens(site.store, site.clock, site.randomness)


def test_a_token_stands_for_its_roles_and_source(tokens: Tokens) -> None:
    made = tokens.create("os:root", "web's agent", ["agent"], source="agent:web")

    caller = tokens.verify(made["token"])

    assert caller is not None
    assert (caller.actor, caller.roles, caller.source) == (f"token:{made['id']} web's agent", ("agent",), "agent:web")


def test_a_secret_is_shown_once_and_kept_nowhere(tokens: Tokens, site: Site) -> None:
    made = tokens.create("os:root", "joe", ["reader"])
    secret = made["token"].rpartition("_")[2]

    with site.store.view() as view:
        kept = json.dumps([e.value for e in view.entry_history("token", made["id"])])

    assert len(secret) == 64
    assert secret not in kept
    assert "token" not in tokens.list()[0]
    assert "hash" not in json.dumps(tokens.list())


def test_making_and_revoking_are_revisions_that_name_who(tokens: Tokens, site: Site) -> None:
    made = tokens.create("os:root", "joe", ["reader"])
    tokens.revoke("os:jane", made["id"])

    with site.store.view() as view:
        rows = [(r.kind, r.actor, r.cause) for r in view.revisions(1)]
    assert rows == [("token", "os:root", "token for joe"), ("token", "os:jane", "token of joe revoked")]


def test_a_revoked_or_expired_token_stands_for_nobody(tokens: Tokens, site: Site) -> None:
    one = tokens.create("a", "one", ["reader"])
    other = tokens.create("a", "other", ["reader"], expires="1h")
    forever = tokens.create("a", "forever", ["reader"], expires="never")

    tokens.revoke("a", one["id"])
    assert tokens.verify(one["token"]) is None
    assert tokens.verify(other["token"]) is not None
    site.time += 3600 * SECOND
    assert tokens.verify(other["token"]) is None
    assert tokens.verify(forever["token"]) is not None
    assert {t["name"]: t["state"] for t in tokens.list()} == {"one": "revoked", "other": "expired", "forever": "active"}


def test_what_is_no_token_stands_for_nobody(tokens: Tokens) -> None:
    made = tokens.create("a", "one", ["reader"])["token"]
    id_ = made.split("_")[1]
    for wrong in (
        "",
        "x",
        "smt__",
        f"smt_{id_}_{'0' * 64}",
        made[:-1],
        made + "\n",
        made.upper(),
        f"smt_{'0' * 12}_{'0' * 64}",
    ):
        assert tokens.verify(wrong) is None, wrong


@pytest.mark.parametrize(
    ("roles", "expires", "source", "said"),
    [
        (["king"], "90d", None, "no role king"),
        ([], "90d", None, "roles are"),
        (["agent"], "90d", None, "bound to its source"),
        (["reader"], "soon", None, "is no expiry"),
        (["reader"], "2020-01-01T00:00:00Z", None, "has passed"),
    ],
)
def test_a_token_that_makes_no_sense_is_refused(
    tokens: Tokens, roles: list[str], expires: str, source: str | None, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        tokens.create("a", "joe", roles, expires, source)


def test_a_token_needs_a_name(tokens: Tokens) -> None:
    with pytest.raises(UsageError, match="needs a name"):
        tokens.create("a", "  ", ["reader"])


def test_only_a_token_that_stands_can_be_revoked(tokens: Tokens) -> None:
    made = tokens.create("a", "joe", ["reader"])
    tokens.revoke("a", made["id"])
    with pytest.raises(ConflictError, match="already"):
        tokens.revoke("a", made["id"])
    with pytest.raises(NotFoundError, match="no token 'x'"):
        tokens.revoke("a", "x")


def test_a_token_that_enrols_can_do_nothing_else_and_says_how_many_from_where(tokens: Tokens) -> None:
    made = tokens.create("os:root", "rack 4", ["enrol"], enrolling=Enrolling(4, ("10.0.0.0/8", "2001:db8::/32"), True))
    plain = tokens.create("os:root", "one", ["enrol"])

    assert {k: made[k] for k in ("count", "used", "approve")} == {"count": 4, "used": 0, "approve": True}
    assert tokens.networks(made["id"]) == ("10.0.0.0/8", "2001:db8::/32")
    assert (plain["count"], tokens.networks(plain["id"]), tokens.networks("none")) == (1, (), ())
    caller = tokens.verify(made["token"])
    assert caller is not None
    assert (caller.token, caller.may("enrol"), caller.may("report")) == (made["id"], True, False)


@pytest.mark.parametrize(
    ("roles", "source", "enrolling"),
    [
        (["enrol", "reader"], None, None),
        (["enrol"], "agent:x", None),
        (["reader"], None, Enrolling()),
        (["enrol"], None, Enrolling(0)),
        (["enrol"], None, Enrolling(100_001)),
        (["enrol"], None, Enrolling(1, ("10.0.0.1/8",))),
        (["enrol"], None, Enrolling(1, ("here",))),
        (["enrol"], None, Enrolling(1, ("10.0.0.0/8",) * 65)),
    ],
)
def test_a_token_that_would_enrol_more_than_it_says_is_refused(
    tokens: Tokens, roles: list[str], source: str | None, enrolling: Enrolling | None
) -> None:
    with pytest.raises(UsageError):
        tokens.create("os:root", "x", roles, "90d", source, enrolling)

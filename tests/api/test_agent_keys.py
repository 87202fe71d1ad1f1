"""The secrets of agents: sealed at rest, known again, and telling nothing by how long it takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import agent.signature
from agent.signature import SignatureRefused, Signed, fields_of, parse, sign
from api.agent_keys import AgentKeys, Pending, SecretKeeper
from api.agent_use import Replayed, TooOften
from api.agents import Agents, Applicant
from api.caller import Caller
from api.installation_key import InstallationKey
from api.tokens import Enrolling, Tokens
from cmdb.model.errors import StoreError
from cmdb.model.times import SECOND
from tests.baselines.site import Site


class Known:
    """One enrolled agent and what knows it."""

    def __init__(self, site: Site, folder: Path, approve: bool = False) -> None:
        self.site = site
        self.keeper = SecretKeeper(site.store.genesis(), InstallationKey(folder / "key"), site.clock)
        self.agents = Agents(site.store, self.keeper, site.clock)
        self.keys = AgentKeys(site.store, self.keeper, site.clock)
        tokens = Tokens(site.store, site.clock)
        token = tokens.verify(tokens.create("a", "t", ["enrol"], enrolling=Enrolling(9, (), approve))["token"])
        assert isinstance(token, Caller)
        made = self.agents.enrol(token, Applicant("web1", "ab" * 16, {"machine_id": "12" * 16}), "127.0.0.1")
        self.id = made["key"]
        self.secret = self.keeper.opened(self.id, self.kept())[0][0]

    def kept(self) -> list[dict[str, Any]]:
        with self.site.store.view() as view:
            entry = view.entry("agent", self.id)
        assert entry is not None
        secrets: list[dict[str, Any]] = entry.value["secrets"]
        return secrets

    def ask(self, secret: bytes | None = None, key: str = "", size: int = 0, nonce: str | None = None) -> Caller:
        signed = Signed("GET", "/x", {})
        fields = sign(signed, key or self.id, secret or self.secret, self.site.clock() // SECOND, nonce)
        return self.keys.authenticated(signed, parse(fields_of(fields.items())), size, "")


@pytest.fixture
def known(site: Site, tmp_path: Path) -> Known:
    return Known(site, tmp_path)


def test_who_signs_is_known_by_a_name_that_revisions_have(known: Known) -> None:
    caller = known.ask()

    assert (caller.actor, caller.roles, caller.agent) == (f"agent:{known.id} web1", ("agent",), known.id)
    assert caller.source is not None
    assert caller.source.startswith("agent:")


def test_a_nonce_counts_once(known: Known) -> None:
    known.ask(nonce="n" * 20)
    with pytest.raises(Replayed):
        known.ask(nonce="n" * 20)


def noting(done: list[str], name: str, act: Callable[..., Any]) -> Callable[..., Any]:
    """The act, which notes that it was done."""

    def noted(*arguments: Any) -> Any:
        done.append(name)
        return act(*arguments)

    return noted


def test_an_unknown_key_costs_as_much_work_as_a_wrong_secret(known: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    for place, name in ((InstallationKey, "open"), (agent.signature, "_mac")):
        monkeypatch.setattr(place, name, noting(done, name, getattr(place, name)))
    work = []
    for key, renewed in (("0" * 12, False), ("", False), ("", True)):  # unknown, with one secret, with two
        if renewed:
            known.keys.renew(known.id)
        done.clear()
        with pytest.raises(SignatureRefused, match="not by a secret of this key"):
            known.ask(b"x" * 32, key)
        work.append(list(done))

    assert work == [["_mac", "open", "open", "_mac", "_mac"]] * 3  # the first is the signer's own


def test_the_new_secret_ends_the_old_one_only_once_it_is_used(known: Known) -> None:
    known.keys.renew(known.id)
    old, new = (secret for secret, _ in known.keeper.opened(known.id, known.kept()))
    with pytest.raises(TooOften):
        known.keys.renew(known.id)
    known.ask(old)
    known.site.time += 61 * SECOND
    known.keys.renew(known.id)  # the answer with the first one was lost
    newer = known.keeper.opened(known.id, known.kept())[1][0]
    with pytest.raises(SignatureRefused):
        known.ask(new)

    known.ask(newer)

    with pytest.raises(SignatureRefused):
        known.ask(old)
    assert [one["number"] for one in known.kept()] == [3]


def test_an_old_secret_that_has_ended_leaves_the_new_one_good(known: Known) -> None:
    known.agents.rotate("ann", known.id)
    known.keys.renew(known.id)
    new = known.keeper.opened(known.id, known.kept())[1][0]
    known.site.time += 2 * 86_400 * SECOND

    assert known.ask(new).agent == known.id
    with pytest.raises(SignatureRefused):
        known.ask()


def test_secrets_are_sealed_for_this_agent_and_store_and_under_this_key(known: Known, tmp_path: Path) -> None:
    kept = known.kept()

    assert known.secret.hex() not in json.dumps(kept)
    with pytest.raises(StoreError, match="another key"):
        SecretKeeper("00" * 32, InstallationKey(tmp_path / "key"), known.site.clock).opened(known.id, kept)
    with pytest.raises(StoreError, match="another key"):
        known.keeper.opened("0" * 12, kept)


def test_a_pending_agent_is_told_to_wait(site: Site, tmp_path: Path) -> None:
    known = Known(site, tmp_path, approve=True)

    with pytest.raises(Pending, match="waits for approval") as refused:
        known.ask()
    assert refused.value.details["retry_after"] == 300
    with pytest.raises(Exception, match="revoked"):
        known.keys.renew(known.id)


def test_an_agent_sends_no_more_than_its_quota(known: Known) -> None:
    known.ask(size=1024**3)
    known.keys.add_bytes(known.id, 1)
    with pytest.raises(TooOften, match="bytes a day"):
        known.ask()

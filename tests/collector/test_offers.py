"""What a sweep offers a target."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from collector.attempts import Attempts
from collector.credentials import Credential, Credentials
from collector.offers import Offers
from collector.outcome import ATTEMPTS_SPENT, NO_CREDENTIAL, Stopped
from collector.scope import Scope, network
from collector.secret_refs import SecretRef, Secrets
from collector.target import Target

WEB = Target("web", "10.0.0.1")
SCOPE = Scope(("default",), (network("10.0.0.0/8"),))


def by_password(name: str = "fleet", user: str = "survey", in_a_row: int = 5) -> Credential:
    return Credential(name, SCOPE, user, password=SecretRef("env", "P"), failures_in_a_row=in_a_row)


def offers(folder: Path, *entries: Credential, **environment: str) -> Offers:
    return Offers(Credentials(entries), Attempts(folder), Secrets(environment=environment), patience_seconds=30)


def stopped(sweep: Offers, target: Target = WEB) -> Stopped:
    with pytest.raises(Stopped) as told:
        sweep.logins(target)
    assert told.value.phase == "authentication"
    return told.value


def try_all(sweep: Offers, target: Target, ok: bool | None = False) -> int:
    tried = 0
    for login in sweep.logins(target):
        made = sweep.budget.take(target, login.user, login.credential_name)
        if made is not None:
            tried += 1
            if ok:
                sweep.budget.worked(made, login.credential_name)
            elif ok is False:
                sweep.budget.failed(made)
            else:
                sweep.budget.undone(made)
    return tried


def test_a_target_that_nothing_covers_has_no_credential(tmp_path: Path) -> None:
    told = stopped(offers(tmp_path, by_password()), Target("x", "192.168.0.1"))
    assert told.outcome == NO_CREDENTIAL
    assert "No credential's scope covers 192.168.0.1" in told.reason
    assert told.remedy


def test_a_secret_that_is_missing_is_the_outcome_of_the_targets_that_need_it(tmp_path: Path) -> None:
    sweep = offers(tmp_path, by_password())
    told = stopped(sweep)
    assert told.outcome == NO_CREDENTIAL
    assert "fleet: password = env:P" in told.reason
    assert "credential check" in told.remedy


def test_several_credentials_of_one_account_share_its_budget(tmp_path: Path) -> None:
    entries = [by_password(f"c{n}", in_a_row=0) for n in range(5)]
    sweep = offers(tmp_path, *entries, P="x")
    assert try_all(sweep, WEB) == 3
    told = stopped(sweep)
    assert told.outcome == ATTEMPTS_SPENT
    assert "survey was refused 3 times within 24 h; a try is free at " in told.reason
    assert "--forget" in told.remedy
    assert stopped(offers(tmp_path, *entries, P="x")).outcome == ATTEMPTS_SPENT


def test_keys_go_on_being_offered_where_no_password_may_be_tried(tmp_path: Path) -> None:
    both = Credential("both", SCOPE, "survey", password=SecretRef("env", "P"), use_agent=True, failures_in_a_row=0)
    sweep = offers(tmp_path, both, P="x")
    for _ in range(3):
        try_all(sweep, WEB)
    left = sweep.logins(WEB)
    assert [login.methods for login in left] == [("publickey",)]


def test_the_one_that_worked_last_is_offered_first_in_the_next_sweep(tmp_path: Path) -> None:
    entries = [by_password("a"), by_password("b", user="other")]
    sweep = offers(tmp_path, *entries, P="x")
    made = sweep.budget.take(WEB, "other", "b")
    assert made is not None
    sweep.budget.worked(made, "b")
    assert [login.credential_name for login in offers(tmp_path, *entries, P="x").logins(WEB)] == ["b", "a"]
    sweep.budget.worked_with(WEB, "a")
    assert [login.credential_name for login in sweep.logins(WEB)] == ["a", "b"]


def test_one_wrong_password_of_a_directory_is_not_tried_on_a_thousand_hosts(tmp_path: Path) -> None:
    sweep = offers(tmp_path, by_password(), P="wrong")
    targets = [Target(f"t{n}", f"10.0.{n // 250}.{n % 250 + 1}") for n in range(1000)]

    def one(target: Target) -> int | str:
        try:
            return try_all(sweep, target)
        except Stopped as told:
            return f"{told.outcome}: {told.reason}"

    with ThreadPoolExecutor(16) as pool:
        ended = list(pool.map(one, targets))
    assert sum(tried for tried in ended if isinstance(tried, int)) == 5
    assert {str(end).partition(":")[0] for end in ended if isinstance(end, str)} == {ATTEMPTS_SPENT}
    assert any("refused by 5 targets in a row, so it is not tried again in this sweep" in str(end) for end in ended)
    assert try_all(offers(tmp_path, by_password(), P="right"), targets[-1], ok=True) == 1


def test_what_was_never_sent_costs_nothing(tmp_path: Path) -> None:
    sweep = offers(tmp_path, by_password(), P="x")
    for _ in range(10):
        assert try_all(sweep, WEB, ok=None) == 1

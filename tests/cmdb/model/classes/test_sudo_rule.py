"""SudoRule as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.sudo_rule import SudoRule
from tests.cmdb.model.classes.declared import check


def test_a_rule_is_known_by_who_may_run_what_as_whom_where() -> None:
    made = SudoRule(who="%ops", hosts="ALL", run_as="root", command="/bin/true", passwordless=True)

    check(made)
    assert made.local_key() == "%25ops/ALL/root//bin/true"
    assert CLASSES["SudoRule"].attributes["passwordless"].security

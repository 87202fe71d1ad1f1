"""What people decided of a subject that could not land counts at its next batch."""

from __future__ import annotations

from typing import Any

from cmdb import decisions
from cmdb.commit import entry_revision
from cmdb.model.batch import decode
from cmdb.model.values import digest
from cmdb.states import Entry
from tests.cmdb.building import Receiver, Reporter, packages, system


def decide(cmdb: Receiver, nobody: Reporter, **value: Any) -> None:
    """Decide of the subject that this reporter tells of."""
    header = decode(nobody.batch(system(nobody.host))).header
    entry = Entry(decisions.KIND, decisions.fingerprint_of(header), value, 0, b"", b"")
    with cmdb.store.transaction() as tx:
        entry_revision(tx, "resolution", [entry], "me", "test", lambda: 0, cmdb.random)


def test_a_subject_that_is_assigned_lands_at_its_ci_and_keeps_landing_there(cmdb: Receiver) -> None:
    cmdb.take(Reporter("web").batch(system("web")))
    nobody = Reporter("web", source="sweep", route="ssh", marks={"fqdn": "web.example.com"})
    assert cmdb.take(nobody.batch(system("web")))["quarantined"]
    decide(cmdb, nobody, **{"as": "assign", "ci": cmdb.one("class:Host").id})

    receipt = cmdb.take(nobody.batch(system("web"), packages("a")))

    assert receipt["quarantined"] == []
    assert receipt["ci"] == cmdb.one("class:Host").id
    assert "fqdn web.example.com" in cmdb.one("class:Host").identifiers
    before = cmdb.head()
    assert cmdb.take(nobody.batch(system("web"), packages("a")))["revision"] is None
    assert cmdb.head() == before
    cmdb.sound()


def test_a_subject_that_is_new_becomes_one_ci_and_stays_that(cmdb: Receiver) -> None:
    nobody = Reporter("x", marks={"fqdn": "x.example.com"})
    cmdb.take(nobody.batch(system("x")))
    decide(cmdb, nobody, **{"as": "new"})

    first = cmdb.take(nobody.batch(system("x")))
    again = cmdb.take(nobody.batch(system("x")))

    assert first["ci"] == cmdb.one("class:Host").id
    assert (again["ci"], again["revision"]) == (first["ci"], None)


def test_a_subject_takes_no_identifier_of_another_ci_along(cmdb: Receiver) -> None:
    for name in ("a", "b"):
        marks = {"machine_id": digest(name)[:32], "ssh_host_keys": [f"SHA256:{name}"], "host_name": "web"}
        cmdb.take(Reporter(name, marks=marks).batch(system(name)))
    both = {"host_name": "web", "ssh_host_keys": ["SHA256:a", "SHA256:b", "SHA256:own"]}
    subject = Reporter("c", marks=both)
    assert cmdb.take(subject.batch(system("c")))["quarantined"]
    decide(cmdb, subject, **{"as": "new"})

    cmdb.take(subject.batch(system("c")))

    assert cmdb.one("class:Host name:c").identifiers == ["key+name SHA256:own/web"]
    assert cmdb.names("class:Host") == ["a", "b", "c"]
    cmdb.sound()

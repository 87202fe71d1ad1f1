"""A source that turns out to tell of another machine takes what it told with it."""

from __future__ import annotations

from tests.cmdb.building import Receiver, Reporter, marks_of, network, system
from tests.cmdb.identity_cases import Told, clone, conflicts, homes, machine, take

WEB = machine("web")
COPY = clone("copy", WEB)
HOURS = 3600


def told(name: str, marks: dict[str, object], at: int, sequence: int) -> Told:
    return Told(name, f"agent:{name}", sequence, at, marks)


def test_who_was_taken_for_a_silent_host_leaves_it_once_the_host_is_back(cmdb: Receiver) -> None:
    batches = [told("web", WEB, 0, 1), told("copy", COPY, 3 * HOURS, 1)]
    take(cmdb, batches)
    assert len(cmdb.found("class:Host")) == 1, "nobody contradicted it"
    original = cmdb.one("class:Host").id

    back = [told("web", WEB, 3 * HOURS + 60, 2), told("copy", COPY, 3 * HOURS + 120, 2)]
    found = homes(cmdb, back, take(cmdb, back))

    assert found["web"] == {original}, "the original goes on"
    assert found["copy"].isdisjoint(found["web"])
    (conflict,) = conflicts(cmdb)
    assert len(conflict["cis"]) == 2
    with cmdb.view() as view:
        assert {p.key for p in view.parts(original) if p.class_name == "SoftwarePackage"} == {"dpkg/only-web/amd64"}
        assert not any(COPY["agent_key"] in i for i in view.items([original])[original].identifiers)


def test_a_source_that_goes_back_to_old_values_is_two_machines(cmdb: Receiver) -> None:
    one, two = ({n: v for n, v in m.items() if n != "agent_key"} for m in (WEB, COPY))
    batches = [Told(("web", "copy")[n % 2], "sweep", n + 1, n * 60, (one, two)[n % 2], "ssh") for n in range(6)]

    receipts = take(cmdb, batches)

    found = homes(cmdb, batches[3:], receipts[3:])
    assert found["web"].isdisjoint(found["copy"])
    (conflict,) = conflicts(cmdb)
    assert len(conflict["cis"]) == 2


def test_a_source_that_changes_once_is_one_machine(cmdb: Receiver) -> None:
    one, two = ({n: v for n, v in m.items() if n != "agent_key"} for m in (WEB, COPY))
    take(cmdb, [Told("web", "sweep", 1, 0, one, "ssh"), Told("web", "sweep", 2, 60, two, "ssh")])

    assert len(cmdb.found("class:Host")) == 1
    assert conflicts(cmdb) == []


def test_who_leaves_a_host_takes_its_address_along(cmdb: Receiver) -> None:
    """The address was claimed by that source alone; the batch that retires it at the one host tells of it at the other."""
    cmdb.take(Reporter("db", marks=_with_serial("db")).batch(system("db")))
    cmdb.take(Reporter("web", marks=_with_serial("web")).batch(system("web")))
    sweep = Reporter("web", source="sweep", route="ssh", marks=_with_serial("web"))
    cmdb.take(sweep.batch(system("web"), network("10.0.0.1")))
    address = cmdb.one("class:IPAddress").id

    sweep.marks["machine_id"] = _with_serial("db")["machine_id"]
    cmdb.take(sweep.batch(system("web"), network("10.0.0.1")))

    assert cmdb.one("class:IPAddress").id == address
    assert len(cmdb.links("HAS_ADDRESS")) == 1


def test_the_standing_that_a_source_leaves_behind_is_what_it_looked_at(cmdb: Receiver) -> None:
    """Not more classes than its section told of, although the host's own attributes are withdrawn too."""
    for name in ("db", "web"):
        cmdb.take(Reporter(name, marks=_with_serial(name)).batch(system(name)))
    sweep = Reporter("web", source="sweep", route="ssh", marks=_with_serial("web"))
    cmdb.take(sweep.batch(system("web"), network("10.0.0.1")))
    left = cmdb.one("class:Host name:web").id

    sweep.marks["machine_id"] = _with_serial("db")["machine_id"]
    cmdb.take(sweep.batch(system("web"), network("10.0.0.1")))

    with cmdb.store.view() as view:
        standing = {(s.section, s.source): s for s in view.scopes(left)}["network", "sweep"]
    assert (standing.digest, sorted(standing.classes)) == ("", ["IPAddress", "NetworkInterface"])
    cmdb.sound()


def test_what_a_source_sent_before_it_left_a_host_has_no_second_effect(cmdb: Receiver) -> None:
    """Not of a batch either that made no revision, and so left no receipt."""
    cmdb.take(Reporter("web", marks=_with_serial("web")).batch(system("web")))
    sweep = Reporter("web", source="sweep", route="ssh", marks=_with_serial("web"))
    cmdb.take(sweep.batch(system("web")))
    again = sweep.batch(system("web"))
    assert cmdb.take(again)["revision"] is None
    sweep.marks["machine_id"] = _with_serial("other")["machine_id"]
    cmdb.take(sweep.batch(system("web")))
    before = cmdb.head(), cmdb.natural()

    assert cmdb.take(again)["superseded"] == ["os"]

    assert (cmdb.head(), cmdb.natural()) == before


def _with_serial(name: str) -> dict[str, object]:
    return {**marks_of(name), "system_serial": f"Acme/X1/serial-{name}"}

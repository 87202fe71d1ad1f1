"""Promises about a value that was told beside its CI's states: by relations, readings, conflicts, receipts. No trace is left."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from baselines.baseline import approve, create
from baselines.documents import save
from baselines.drift import drift
from baselines.redacting import rewritten
from baselines.verification import verify_documents
from cmdb import backup, by_hand, conflicts
from cmdb.chain import verify_chain
from cmdb.merging import merge
from cmdb.model.batch import Section
from cmdb.model.classes.software_instance import SoftwareInstance
from cmdb.model.declaration import Relation
from cmdb.model.errors import ConflictError
from cmdb.ports import Store
from cmdb.redaction import lift, redact
from cmdb.states import Rewritten
from tests.cmdb.building import (
    START,
    Receiver,
    Reporter,
    accounts,
    collected,
    depends,
    endpoint,
    failed,
    instance,
    network,
    open_store,
    packages,
    software,
    system,
)
from tests.cmdb.identity_cases import clone, machine
from tests.cmdb.stores.conformance_erasing import TOKEN, clock, erase, everything
from tests.cmdb.stores.copying import copy, lines

NOTE = f"as {TOKEN} says"


class LeavingNoTrace:
    """Needs the fixture `store`, an empty store."""

    def test_a_value_that_was_told_everywhere_leaves_no_trace(self, store: Store) -> None:
        cmdb = told_everywhere(store)
        done = erase(cmdb)
        counted = {name: done[name] for name in ("states", "relations", "conflicts", "readings", "receipts")}
        assert counted == {"states": 2, "relations": 4, "conflicts": 1, "readings": 1, "receipts": 1}
        assert TOKEN not in everything(store)
        assert TOKEN[:16] not in everything(store)
        cmdb.sound()
        with store.view() as view:
            assert list(verify_documents(view)) == []
            (entry,) = view.entries(conflicts.KIND)
            assert entry.value["subject"]["identifiers"] == {"host_name": ["[redacted]"]}
            first, *_ = view.entry_history(conflicts.KIND, entry.key)
            assert first.value["state"] == "open"
            (link,) = view.scan_links(["DEPENDS_ON"])
            assert link.attributes == {}
            noted = next(k for k in view.scan_links(["EXPOSES"]) if k.attributes)
            assert noted.attributes == {"strength": "hard"}
            assert [c.attributes for c in view.claims([noted.key])] == [{"strength": "hard"}] * 2
            host = cmdb.one("class:Host name:web")
            assert view.readings(host.id)["os"]["items"][0]["readings"] == {"process_count": 7}

    def test_what_a_restoration_brings_back_is_without_the_value(self, store: Store) -> None:
        cmdb = told_everywhere(store)
        id_ = cmdb.one("class:Host name:web").id
        with store.transaction() as tx:
            by_hand.retire(tx, id_, "me", "scrapped", clock(cmdb), cmdb.random)
        done = redact(store, id_, "os_version", "a secret", "me", rewritten, clock(cmdb), cmdb.random)
        assert done["states"] == 2
        assert TOKEN not in everything(store)
        with store.transaction() as tx:
            by_hand.restore(tx, id_, "me", "a mistake", clock(cmdb), cmdb.random)
        attributes = cmdb.one("class:Host name:web").attributes
        assert (attributes.get("os"), attributes.get("os_version")) == ("debian", None)
        assert TOKEN not in everything(store)
        cmdb.sound()

    def test_a_value_that_only_claims_set_aside_tell_can_be_erased(self, store: Store) -> None:
        cmdb = Receiver(store)
        cmdb.take(Reporter("web").batch(system("web", os_version="13")))
        id_ = cmdb.one("class:Host").id
        with store.transaction() as tx:
            by_hand.retire(tx, id_, "me", "scrapped", clock(cmdb), cmdb.random)
            note = tx.unversioned(by_hand.NOTE, id_)
            assert note is not None
            told = [[s, t, {**a, "note": TOKEN} if "os_version" in a else a, i] for s, t, a, i in note["claims"]]
            tx.put_unversioned(by_hand.NOTE, id_, {**note, "claims": told})
        redact(store, id_, "note", "a secret", "me", rewritten, clock(cmdb), cmdb.random)
        assert TOKEN not in everything(store)

    def test_a_value_of_a_part_that_an_equal_one_was_folded_into_is_refused(self, store: Store) -> None:
        cmdb = Receiver(store)
        for name in ("one", "two"):
            part = SoftwareInstance(instance="unit web", name="web", command=TOKEN)
            cmdb.take(Reporter(name).batch(system(name), collected("software", ["SoftwareInstance"], [part])))
        one, two = (cmdb.one(f"class:Host name:{name}").id for name in ("one", "two"))
        merge(store, one, two, "me", "one machine", clock(cmdb), cmdb.random)
        part_id = cmdb.one("class:SoftwareInstance").id
        with pytest.raises(ConflictError, match="merged with another"):
            redact(store, part_id, "command", "a secret", "me", rewritten, clock(cmdb), cmdb.random)

    def test_relations_and_readings_that_tell_it_again_do_so_in_vain(self, store: Store) -> None:
        cmdb = told_everywhere(store)
        erase(cmdb)
        web = Reporter("web", sequence=50)
        cmdb.now = 90
        cmdb.take(web.batch(*sections(kernel="9"), at=90))
        assert cmdb.one("class:Host name:web").attributes["kernel"] == "9"
        assert TOKEN not in everything(store)
        with store.view() as view:
            assert [link.attributes for link in view.scan_links(["DEPENDS_ON"])] == [{}]
        cmdb.sound()
        lift(store, cmdb.one("class:Host name:web").id, "os_version", "a mistake", "me", clock(cmdb), cmdb.random)
        cmdb.now = 120
        cmdb.take(web.batch(*sections(kernel="9"), at=120))
        with store.view() as view:
            assert [link.attributes for link in view.scan_links(["DEPENDS_ON"])] == [{"why": f"{NOTE} 10.0.0.2"}]
        cmdb.sound()

    def test_what_others_told_of_it_is_heard_again_when_that_is_lifted(self, store: Store) -> None:
        cmdb, web = Receiver(store), Reporter("web")
        cmdb.take(Reporter("db").batch(system("db", os_version=TOKEN), network("10.0.0.2"), software("named:53")))
        for at, why in ((10, TOKEN), (20, "backups")):
            cmdb.now = at
            cmdb.take(web.batch(system("web"), depends(("10.0.0.2", 53), why=why), at=at))
            if at == 10:
                id_ = cmdb.one("class:Host name:db").id
                redact(store, id_, "os_version", "a secret", "me", rewritten, clock(cmdb), cmdb.random)
        with store.view() as view:
            assert [link.attributes for link in view.scan_links(["DEPENDS_ON"])] == [{}]
        lift(store, id_, "os_version", "a mistake", "me", clock(cmdb), cmdb.random)
        cmdb.now = 30
        cmdb.take(web.batch(system("web"), depends(("10.0.0.2", 53), why="backups"), at=30))
        with store.view() as view:
            assert [link.attributes for link in view.scan_links(["DEPENDS_ON"])] == [{"why": "backups 10.0.0.2"}]
        cmdb.sound()

    def test_what_others_tell_is_theirs(self, store: Store) -> None:
        cmdb = told_everywhere(store)
        cmdb.take(
            Reporter("db", sequence=9).batch(system("db", os_version=TOKEN), depends(("10.9.9.9", 53), why=NOTE), at=80)
        )
        erase(cmdb)
        assert cmdb.one("class:Host name:db").attributes["os_version"] == TOKEN
        with store.view() as view:
            (row,) = view.pending([cmdb.one("class:Host name:db").id])
            assert TOKEN in str(row.attributes["why"])
        cmdb.sound()

    def test_reasons_of_sections_lose_it_now_and_in_the_past_and_tell_it_again_in_vain(self, store: Store) -> None:
        cmdb, web = Receiver(store), Reporter("web")
        cmdb.take(web.batch(system("web", os_version=TOKEN), packages("a"), accounts("root")))
        id_ = cmdb.one("class:Host").id
        for at, why in ((10, f"no list of {TOKEN}"), (20, "locked"), (30, f"{TOKEN} is in the way")):
            cmdb.now = at
            cmdb.take(web.batch(failed(packages(), why), failed(accounts(), "denied"), at=at))
            if at == 10:
                frozen = create(store, "b", "class:Host", "me", clock=clock(cmdb), randomness=cmdb.random)
                approve(store, "b", frozen["digest"], "you", clock=clock(cmdb), randomness=cmdb.random)
        with store.view() as view:
            report = drift(view, "b")
        save(store, "drift", report)
        assert f"{TOKEN} is in the way" in str(report)
        done = erase(cmdb)
        assert (done["reasons"], done["documents"]) == (1, 3)
        assert TOKEN not in everything(store)
        with store.view() as view:
            told = [row.reason for row in view.coverage_history(id_) if row.section == "packages"]
            assert told == ["", "no list of [redacted]", "locked", "[redacted] is in the way"]
            assert list(verify_documents(view)) == []
        assert cmdb.scopes("web")["packages", "agent:web"].reason == "[redacted] is in the way"
        cmdb.sound()
        for at, expected in ((40, "[redacted]"), (50, f"{TOKEN} again")):
            cmdb.now = at
            cmdb.take(web.batch(failed(packages(), f"{TOKEN} again"), failed(accounts(), f"as at {at}"), at=at))
            scopes = cmdb.scopes("web")
            assert scopes["packages", "agent:web"].reason == expected
            assert scopes["accounts", "agent:web"].reason == f"as at {at}"
            cmdb.sound()
            if at == 40:
                assert TOKEN not in everything(store)
                lift(store, id_, "os_version", "a mistake", "me", clock(cmdb), cmdb.random)

    def test_a_short_value_leaves_what_only_looks_like_it(self, store: Store) -> None:
        cmdb, web = Receiver(store), Reporter("web")
        cmdb.take(web.batch(system("web", os_version="12"), depends(("10.0.0.2", 53), why="since 12")))
        erase(cmdb)
        with store.view() as view:
            (row,) = view.pending([cmdb.one("class:Host").id])
        assert row.attributes == {"why": "since 12 10.0.0.2"}
        assert "os_version" not in cmdb.one("class:Host").attributes

    def test_a_reading_is_erased_and_withheld_too(self, store: Store) -> None:
        cmdb, web = Receiver(store), Reporter("web")
        cmdb.take(web.batch(*sections()))
        id_ = cmdb.one("class:Host").id
        done = redact(store, id_, "process_count", "too much", "me", _no_documents, clock(cmdb), cmdb.random)
        assert (done["readings"], done["states"]) == (1, 0)
        for at in (0, 30):
            if at:
                cmdb.now = at
                cmdb.take(web.batch(*sections(), at=at))
            with store.view() as view:
                assert "process_count" not in view.readings(id_)["os"]["items"][0]["readings"]
        cmdb.sound()

    def test_a_value_that_a_conflict_is_about_is_refused(self, store: Store) -> None:
        cmdb = Receiver(store)
        one = machine("one")
        cmdb.take(Reporter("one", marks=one).batch(system("one")))
        part = SoftwareInstance(instance="unit web", name="web", command=one["machine_id"])
        shared = collected("software", ["SoftwareInstance"], [part])
        cmdb.take(Reporter("two", marks=clone("two", one)).batch(system("two"), shared))
        head = cmdb.head()
        with store.view() as view:
            (conflict,) = view.entries(conflicts.KIND)
        assert any(one["machine_id"] in i for i in conflict.value["identifiers"])
        id_ = cmdb.one("class:SoftwareInstance").id
        with pytest.raises(ConflictError, match="is what conflict 1 is about"):
            redact(store, id_, "command", "r", "me", _no_documents, clock(cmdb), cmdb.random)
        assert cmdb.head() == head

    def test_what_is_left_of_relations_and_entries_is_sealed_or_it_is_damage(self, store: Store) -> None:
        cmdb = told_everywhere(store)
        erase(cmdb)
        id_ = cmdb.one("class:Host name:web").id
        with store.view() as view:
            link = next(k for k in view.link_history(id_) if k.until is not None and k.type == "DEPENDS_ON")
            entry = next(e for e in view.entry_history(conflicts.KIND, "1") if e.until is not None)
        link.attributes = {"why": "forged"}
        entry.value = {**entry.value, "reason": "forged"}
        with store.transaction() as tx:
            tx.rewrite(Rewritten(links=[link], entries=[entry]))
        with store.view() as view:
            found = [damage.kind for damage in verify_chain(view)]
        assert sorted(found) == ["entry", "link"]

    def test_receipts_come_by_revision_and_can_be_written_anew(self, store: Store) -> None:
        cmdb = Receiver(store)
        for name in ("a", "b", "c"):
            cmdb.take(Reporter(name).batch(system(name)))
        with store.transaction() as tx:
            rows = tx.receipts(0, 2)
            assert [number for number, _ in rows] == [1, 2]
            assert [number for number, _ in tx.receipts(2, 2)] == [3]
            number, receipt = rows[1]
            tx.rewrite(Rewritten(receipts={number: {**receipt, "conflicts": ["x"]}}))
        with store.transaction() as tx:
            assert tx.receipts(1, 1) == [(2, {**receipt, "conflicts": ["x"]})]

    def test_receipts_can_be_asked_for_by_what_they_tell(self, store: Store) -> None:
        cmdb = Receiver(store)
        ids = [
            str(cmdb.take(Reporter(name, source).batch(system(name)))["ci"])
            for name, source in (("a", 'say "\u00e4\\'), ("b", ""), ("c", ""))
        ]
        with store.transaction() as tx:
            told = [[number for number, _ in tx.receipts(after, 9, texts)] for after, texts in (
                (0, ['say "\u00e4\\', ids[2]]), (1, ['say "\u00e4\\', ids[2]]), (0, ["%", "none"]), (0, []),
            )]  # fmt: skip
            assert [number for number, _ in tx.receipts(0, 1, ids)] == [1]
        assert told == [[1, 3], [3], [], []]

    def test_a_store_with_a_redaction_can_be_copied_backed_up_and_restored(self, store: Store, tmp_path: Path) -> None:
        cmdb = told_everywhere(store)
        erase(cmdb)
        with closing(open_store(tmp_path / "copy.db", genesis="7" * 64)) as other:
            copy(store, other)
            same(store, other)
        with store.dump() as dump:
            backup.write(tmp_path / "all.backup", dump, START)
        kept = backup.verify(tmp_path / "all.backup")
        with closing(open_store(tmp_path / "restored.db", genesis="8" * 64)) as other:
            other.load(kept.birth, kept.head, backup.read(tmp_path / "all.backup"))
            same(store, other)
        for file in tmp_path.glob("*.db*"):
            assert TOKEN.encode() not in file.read_bytes(), file

    def test_a_redacted_store_is_loaded_as_it_was_and_is_equal_on_both(self, store: Store, tmp_path: Path) -> None:
        with closing(open_store(tmp_path / "original.db")) as original:
            theirs = told_everywhere(original)
            erase(theirs)
            copy(original, store)
            same(original, store)
            cmdb = Receiver(store)
            cmdb.sound()
            with store.view() as view:
                assert list(verify_documents(view)) == []

    def test_the_same_redaction_gives_the_same_graph_on_both(self, store: Store, tmp_path: Path) -> None:
        with closing(open_store(tmp_path / "other.db")) as other:
            both = [told_everywhere(one) for one in (store, other)]
            done = [erase(one) for one in both]
            assert both[0].natural() == both[1].natural()
            names = ("revision", "states", "relations", "conflicts", "readings", "receipts", "documents", "raw")
            assert [done[0][n] for n in names] == [done[1][n] for n in names]


def told_everywhere(store: Store) -> Receiver:
    """A host that told it by states, a relation from two sources, a reading, a conflict and its receipt; a baseline froze it."""
    cmdb, web = Receiver(store), Reporter("web")
    cmdb.take(Reporter("db").batch(system("db"), network("10.0.0.2"), software("named:53")))
    cmdb.take(web.batch(*sections()))
    frozen = create(store, "b", "class:Host", "me", clock=clock(cmdb), randomness=cmdb.random)
    approve(store, "b", frozen["digest"], "you", clock=clock(cmdb), randomness=cmdb.random)
    cmdb.now = 20
    cmdb.take(web.batch(*sections(why=f"{NOTE} too", kernel="6"), at=20))
    cmdb.now = 30
    cmdb.take(Reporter("web", "ssh:web", "ssh").batch(depends(("10.0.0.2", 53), why=NOTE), exposed(), at=30))
    cmdb.now = 40
    cmdb.take(web.batch(*sections(why="other", kernel="6"), at=40))
    cmdb.now = 50
    cmdb.take(web.batch(*sections(kernel="6"), at=50))
    cmdb.now = 60
    receipt = cmdb.take(Reporter("web", marks={"host_name": [TOKEN]}, sequence=90).batch(system("web"), at=60))
    assert receipt["quarantined"]
    assert TOKEN in everything(store)
    return cmdb


def sections(why: str = NOTE, **attributes: str) -> tuple[Section, ...]:
    """What the host tells of itself, with a reading and a dependency that tell the value too."""
    os_ = system("web", os="debian", os_version=TOKEN, **attributes)
    os_.readings = {"items": [{"class": "Host", "key": "", "readings": {"load_1m": TOKEN, "process_count": 7}}]}
    return os_, depends(("10.0.0.2", 53), why=why), exposed()


def exposed() -> Section:
    """Software of the host that listens, with a note that tells the value."""
    one, end = instance("nginx"), endpoint(80)
    relation = Relation("EXPOSES", one.ref(), end.ref(), {"note": NOTE, "strength": "hard"})
    return collected("software", ["SoftwareInstance", "Endpoint"], [one, end], [relation], ["EXPOSES"])


def same(one: Store, other: Store) -> None:
    """Equal in every record, sound, and without a trace."""
    assert lines(one) == lines(other)
    ours, theirs = Receiver(one), Receiver(other)
    assert ours.natural() == theirs.natural()
    theirs.sound()
    assert TOKEN not in everything(other)


def _no_documents(*_: object) -> tuple[dict[str, bytes], dict[str, str]]:
    return {}, {}

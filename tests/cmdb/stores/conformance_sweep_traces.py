"""Promises about a value that records of sweeps told: it is erased there too, and not told again."""

from __future__ import annotations

from typing import Any

from cmdb import sweeps
from cmdb.model.times import SECOND
from cmdb.ports import Store
from cmdb.redaction import lift
from cmdb.sweeps import Asked, Row, Said, Teller
from tests.cmdb.building import START, Receiver, Reporter, failed, packages, system
from tests.cmdb.stores.conformance_erasing import TOKEN, clock, erase

ID, ME = "a" * 16, Teller("me")
OURS = f"no list of {TOKEN}"


class SweptTraces:
    """Needs the fixture `store`, an empty store."""

    def test_ends_of_swept_targets_lose_it_and_do_not_tell_it_again(self, store: Store) -> None:
        cmdb = Receiver(store)
        web = Reporter("web", "ssh:1@10.0.0.1:22", "ssh")
        cmdb.take(web.batch(system("web", os_version=TOKEN), packages("a")))
        id_ = cmdb.one("class:Host").id
        cmdb.now = 10
        cmdb.take(web.batch(failed(packages(), OURS), at=10))
        begun(store, 5)
        ended(
            store, 1, "partly", id_, reason=f"packages: {OURS}", ssh_version=f"SSH-2.0-x {TOKEN}", weak=[TOKEN, "old"]
        )
        ended(store, 2, "partly", "C" * 26, reason=OURS)
        ended(store, 3, "failed", None, reason=OURS)

        done = erase(cmdb)
        assert done["targets"] == 1
        first, second, third, *_ = told(store)
        assert (first["reason"], first["ssh_version"]) == ("packages: no list of [redacted]", "SSH-2.0-x [redacted]")
        assert (first["weak"], first["outcome"], first["ci"]) == (["[redacted]", "old"], "partly", id_)
        assert [second["reason"], third["reason"]] == [OURS, OURS], "what others tell is theirs"

        for again in ({"reason": OURS}, {"sections_failed": ["packages"], "reason": OURS}):
            ended(store, 4, "partly", id_, ssh_version=TOKEN, items=3, **again)
            assert TOKEN not in str(told(store)[3])
            assert (told(store)[3]["reason"], told(store)[3]["items"]) == ("[redacted]", 3)
        lift(store, id_, "os_version", "a mistake", "me", clock(cmdb), cmdb.random)
        ended(store, 5, "partly", id_, reason=OURS)
        assert told(store)[4]["reason"] == OURS
        cmdb.sound()

    def test_a_target_that_has_no_ci_is_known_by_its_source(self, store: Store) -> None:
        cmdb = Receiver(store)
        cmdb.take(Reporter("web", "ssh:1@[fd00::2]:2222", "ssh").batch(system("web", os_version=TOKEN)))
        begun(store, 2)
        for number, port in ((1, 2222), (2, 22)):
            plan = {"name": "web", "address": "fd00::2", "port": port, "zone": "default"}
            sweeps.put_targets(store, ID, [Row(number, plan)], ME, START)
            ended(store, number, "failed", None, reason=OURS)

        assert erase(cmdb)["targets"] == 1
        assert [t["reason"] for t in told(store)] == ["no list of [redacted]", OURS]
        assert [t["target"] for t in told(store)] == ["web", "web"]


def begun(store: Store, total: int) -> None:
    sweeps.put(store, ID, Said("ssh:1", "running", total), ME, START)
    plans = [{"name": f"h{n}", "address": f"10.0.9.{n}", "port": 22, "zone": "default"} for n in range(1, total + 1)]
    sweeps.put_targets(store, ID, [Row(number, plan) for number, plan in enumerate(plans, 1)], ME, START)


def ended(store: Store, number: int, outcome: str, ci: str | None, **more: Any) -> None:
    sweeps.put_targets(store, ID, [Row(number, None, {"outcome": outcome, "ci": ci, **more})], ME, START + SECOND)


def told(store: Store) -> list[dict[str, Any]]:
    with store.view() as view:
        found: list[dict[str, Any]] = sweeps.show(view, ID, START, Asked(), ME)["targets"]
    return found

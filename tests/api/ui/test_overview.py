"""A host at a glance."""

from __future__ import annotations

from api.ui import overview
from tests.api.ui.shop import Shop


def _of(estate: Shop, name: str, at: int | None = None) -> overview.Overview:
    with estate.store.view() as view:
        id_ = estate.id(f"class:Host name:{name}")
        return overview.of(view, view.items([id_], at)[id_], at)


def test_it_says_in_a_sentence_what_the_host_is(estate: Shop) -> None:
    found = _of(estate, "web1")

    assert found.lead == "Debian GNU/Linux 12 (bookworm), on a virtual machine (kvm), 4 processors, 7.67 GiB"
    assert {f.name for f in found.readings} == {"uptime_seconds", "load_1m"}
    assert found.counts["Endpoint"] == 2


def test_what_is_exposed_comes_first_with_owner_and_clients(estate: Shop) -> None:
    found = _of(estate, "db3")

    assert [(x.endpoint.name, x.exposed, [o.name for o in x.owners], x.users) for x in found.listeners] == [
        ("tcp 0.0.0.0:5432", True, ["postgres"], 1),
        ("tcp 127.0.0.1:9003", False, ["postgres"], 0),
    ]


def test_dependencies_are_known_items_or_addresses_at_which_nobody_known_answers(estate: Shop) -> None:
    found = _of(estate, "web1").dependencies

    (gateway,) = found["default gateway"]
    assert (gateway.address, gateway.target, gateway.confirmed) == ("10.0.0.254", None, False)
    assert gateway.evidence == "ip route: default via 10.0.0.254 dev eth0"
    (flow,) = found["connection"]
    assert flow.target is not None
    assert flow.on is not None
    assert (flow.target.name, flow.on.name, flow.confirmed) == ("tcp 0.0.0.0:8080", "app2", True)
    assert list(found) == ["default gateway", "connection"]


def test_what_could_not_be_seen_says_whether_root_would_help(estate: Shop) -> None:
    found = _of(estate, "db3")

    assert {(s.name, s.needs_root) for s in found.unseen} == {("hardware", True), ("config_files", False)}
    assert found.needs_root
    assert found.last_seen is not None


def test_the_past_has_its_own_coverage_and_no_readings(estate: Shop) -> None:
    found = _of(estate, "web1", 1)

    assert found.readings == []
    assert {s.name for s in found.unseen} == {"hardware", "config_files"}
    assert "connection" not in found.dependencies


def test_hosts_are_listed_with_what_is_missing_of_each(estate: Shop) -> None:
    with estate.store.view() as view:
        first = overview.hosts(view, None, None, 2)
        rest = overview.hosts(view, None, first.next, 2)

    assert [(r.host.name, r.failed, r.partial) for r in first.rows + rest.rows] == [
        ("app2", 2, 0),
        ("db3", 2, 0),
        ("web1", 2, 0),
    ]
    assert (first.total, rest.next) == (3, None)

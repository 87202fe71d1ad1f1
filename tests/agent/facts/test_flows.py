"""Who talks to whom."""

from __future__ import annotations

from collections.abc import Iterable

from agent.fact import Collected
from agent.facts import flows, software
from agent.facts.flows import observe
from agent.proc import Process
from agent.running import arrange
from agent.sockets import Socket
from tests.agent.supplied import recorded, run
from tests.agent.test_known_software import process

WEB = Socket("tcp", ("0.0.0.0", 80), ("", 0), 80)
SERVER = process("nginx", "/usr/sbin/nginx", pid=10, sockets=frozenset({80, 81, 82}))
APP = process("python3 /opt/app.py", "/usr/bin/python3", pid=20, session=20, sockets=frozenset({20, 21, 22}))


def seen(table: Iterable[Socket], *processes: Process, own: Iterable[int] = ()) -> list:
    found = arrange({p.pid: p for p in processes}, table, (32768, 60999), frozenset(own), {0: "root"})
    return [(r.subject, r.object, r.readings["count"]) for r in observe(found)]


def to(address: str, port: int) -> dict:
    return {"address": address, "protocol": "tcp", "port": port}


def test_the_recorded_flows() -> None:
    shell = recorded("debian12-lab")
    outcome = run(flows, shell, own_pids=shell.own_pids)

    assert isinstance(outcome, Collected)
    app = ["SoftwareInstance", "exe /opt/app.py root 8000"]
    found = [(r.subject, r.object, r.readings["count"]) for r in outcome.relations]
    assert found == [
        ({"address": "10.77.0.1"}, ["Endpoint", "tcp/0.0.0.0/22"], 1),
        ({"address": "10.77.0.1"}, ["Endpoint", "tcp/::/8000"], 2),
        (app, to("10.77.0.1", 9000), 1),
        (app, ["Endpoint", "tcp/0.0.0.0/8080"], 1),
        (app, ["Endpoint", "tcp/127.0.0.1/5432"], 1),
    ]


def test_both_sections_name_an_instance_by_the_same_key() -> None:
    shell = recorded("debian12-lab")
    items, talks = (run(fact, shell, own_pids=shell.own_pids) for fact in (software, flows))

    assert isinstance(items, Collected)
    assert isinstance(talks, Collected)
    known = {tuple(i.ref()) for i in items.items}
    ends = [end for r in talks.relations for end in (r.subject, r.object) if isinstance(end, list)]
    assert {tuple(end) for end in ends} <= known


def test_the_client_s_port_is_dropped_and_connections_are_counted() -> None:
    table = [Socket("tcp", ("10.0.0.1", 40000 + n), ("10.0.0.9", 5432), 20 + n) for n in range(3)]

    assert seen(table, APP) == [(["SoftwareInstance", "exe /opt/app.py root"], to("10.0.0.9", 5432), 3)]


def test_what_came_to_a_port_that_is_listened_on_was_accepted() -> None:
    table = [
        WEB,
        Socket("tcp", ("10.0.0.1", 80), ("10.0.0.7", 51000), 81),
        Socket("tcp", ("10.0.0.1", 80), ("fe80::7", 51000), 82),
    ]

    assert seen(table, SERVER) == [({"address": "10.0.0.7"}, ["Endpoint", "tcp/0.0.0.0/80"], 1)]


def test_a_connection_within_the_host_is_told_once_by_its_client() -> None:
    table = [
        WEB,
        Socket("tcp", ("127.0.0.1", 80), ("127.0.0.1", 51000), 81),
        Socket("tcp", ("127.0.0.1", 51000), ("127.0.0.1", 80), 20),
    ]
    assert seen(table, SERVER, APP) == [
        (["SoftwareInstance", "exe /opt/app.py root"], ["Endpoint", "tcp/0.0.0.0/80"], 1)
    ]


def test_connections_of_the_observer_never_count_at_either_end() -> None:
    table = [
        WEB,
        Socket("tcp", ("10.0.0.1", 80), ("10.0.0.7", 51000), 81),
        Socket("tcp", ("10.0.0.1", 40000), ("10.0.0.9", 443), 20),
    ]
    assert seen(table, SERVER, APP, own=[10, 20]) == []


def test_a_client_that_is_no_software_and_one_that_may_not_be_seen_are_left_out() -> None:
    ssh = process("ssh other", "/usr/bin/ssh", pid=30, terminal=34816, sockets=frozenset({30}))
    table = [Socket("tcp", ("10.0.0.1", 40000), ("10.0.0.9", 22), inode) for inode in (30, 99)]

    assert seen(table, ssh) == []


def test_a_connection_whose_direction_nothing_tells_is_left_out() -> None:
    table = [Socket("tcp", ("10.0.0.1", 80), ("10.0.0.7", 51000), 20)]

    assert seen(table, APP) == []


def test_the_most_exact_endpoint_accepts() -> None:
    table = [
        WEB,
        Socket("tcp", ("10.0.0.1", 80), ("", 0), 82),
        Socket("tcp", ("::", 80), ("", 0), 82),
        Socket("tcp", ("10.0.0.1", 80), ("10.0.0.7", 51000), 81),
        Socket("tcp", ("2001:db8::1", 80), ("2001:db8::7", 51000), 81),
    ]
    assert [obj for _, obj, _ in seen(table, SERVER)] == [["Endpoint", "tcp/10.0.0.1/80"], ["Endpoint", "tcp/::/80"]]

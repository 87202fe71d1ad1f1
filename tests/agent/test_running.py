"""What runs on a host: instances, their keys and what they listen on."""

from __future__ import annotations

import time
from collections.abc import Iterable

import pytest

from agent.fact import Context, Material, ParseError
from agent.proc import Process
from agent.running import NEEDS, Endpoint, Running, _names, arrange, survey
from agent.sockets import Socket
from tests.agent.supplied import recorded
from tests.agent.test_known_software import process

PORTS = (32768, 60999)
ID = "0123456789abcdef" * 4
TCP22 = Socket("tcp", ("0.0.0.0", 22), ("", 0), 22)


def arranged(processes: Iterable[Process], table: Iterable[Socket] = (), **more: object) -> Running:
    known: dict = {"accounts": {0: "root"}, **more}
    return arrange({p.pid: p for p in processes}, table, PORTS, **known)


def keys(found: Running) -> list[str]:
    return [i.key for i in found.instances]


def test_the_recorded_host() -> None:
    shell = recorded("debian12-lab")
    found = survey(Material(shell.supply(NEEDS)), Context(own_pids=shell.own_pids))

    assert {i.key: sorted(f"{e.protocol}/{e.port}" for e in i.listens) for i in found.instances if i.listens} == {
        "exe /opt/app.py root 8000": ["tcp/8000"],
        "exe /usr/sbin/snmpd root 161": ["tcp/199", "udp/161"],
        "exe /usr/sbin/sshd root 22": ["tcp/22", "tcp/22"],
        "path nginx /etc/nginx/nginx.conf": ["tcp/8080", "tcp/8080"],
        "path postgres /var/lib/postgresql/15/main": ["tcp/5432"],
    }
    postgres = next(i for i in found.instances if i.key.startswith("path postgres"))
    assert {62, 63, 64, 66, 67, 68, 75} == postgres.pids
    # Ports 36027 and 46033 were given out by the kernel, 40080 stands in a file that is not read.
    assert sorted(e.port for e in found.endpoints) == [22, 22, 161, 199, 5432, 8000, 8080, 8080]


def test_a_unit_is_an_instance_whatever_its_processes_are() -> None:
    group = "/system.slice/system-postgresql.slice/postgresql@15-main.service"
    found = arranged(
        [
            process("/bin/sh /usr/bin/wrapper", "/usr/bin/dash", pid=10, start=1, cgroup=group),
            process(
                "/usr/lib/postgresql/15/bin/postgres -D /var/x",
                "/usr/lib/postgresql/15/bin/postgres",
                pid=11,
                start=2,
                cgroup=group,
            ),
        ]
    )
    assert keys(found) == ["unit postgresql@15-main.service"]
    assert found.instances[0].main.pid == 11
    assert found.instances[0].pids == {10, 11}


@pytest.mark.parametrize(
    "group",
    [
        "/user.slice/user-1000.slice/user@1000.service/app.slice/gnome.service",
        "/user.slice/user-1000.slice/session-3.scope",
        "/system.slice/system-getty.slice/getty@tty1.service",
    ],
)
def test_logins_and_what_they_run_are_none(group: str) -> None:
    assert keys(arranged([process("/usr/bin/thing", "/usr/bin/thing", cgroup=group, terminal=34816)])) == []


def test_a_job_that_a_unit_runs_once_is_none() -> None:
    job = process("/usr/bin/apt update", "/usr/bin/apt", cgroup="/system.slice/apt-daily.service")

    assert keys(arranged([job], jobs=frozenset({"apt-daily.service"}))) == []
    assert keys(arranged([job])) == ["unit apt-daily.service"]


def test_a_daemon_counts_once_it_has_run_for_a_minute_unless_it_listens() -> None:
    table = [Socket("tcp", ("0.0.0.0", 80), ("", 0), 5)]
    processes = [
        process("/opt/old", "/opt/old", pid=10, session=10, start=4_000),
        process("/opt/job", "/opt/job", pid=11, session=11, start=4_001),
        process("/opt/web", "/opt/web", pid=12, session=12, start=9_999, sockets=frozenset({5})),
    ]
    assert keys(arranged(processes, table, uptime_us=100_000_000)) == ["exe /opt/old root", "exe /opt/web root 80"]
    assert len(keys(arranged(processes, table))) == 3


def test_an_uptime_of_its_own_that_a_container_is_shown_hides_no_daemon() -> None:
    daemon = process("/opt/old", "/opt/old", pid=10, session=10, start=700_000)
    newest = process("/bin/sh", "/usr/bin/dash", pid=11, start=706_000)

    assert keys(arranged([daemon, newest], uptime_us=5_000_000)) == ["exe /opt/old root"]


def test_what_a_script_waits_for_at_the_moment_is_not_its_software() -> None:
    group = "/system.slice/watch.service"
    script = process("/bin/sh /opt/watch.sh", "/usr/bin/dash", pid=10, start=10, cgroup=group)
    sleep = process("sleep 1", "/usr/bin/sleep", pid=11, start=9_950, cgroup=group)
    worker = process("/opt/worker", "/opt/worker", pid=12, start=20, cgroup=group)

    assert arranged([script, sleep], uptime_us=100_000_000).instances[0].main == script
    assert arranged([script, sleep, worker], uptime_us=100_000_000).instances[0].main == worker
    young = process("sleep 1", "/usr/bin/sleep", pid=11, start=20, cgroup=group)
    assert arranged([script, young], uptime_us=10_000_000).instances[0].main == young


def test_ports_from_which_a_resolver_asks_are_no_endpoints() -> None:
    ports = {53: 5, 5353: 6, 2345: 7, 4444: 8}
    table = [Socket("udp", ("0.0.0.0", port), ("", 0), inode) for port, inode in ports.items()]
    table.append(Socket("tcp", ("127.0.0.1", 8953), ("", 0), 9))
    resolver = process("unbound -p 4444", "/usr/sbin/unbound", sockets=frozenset({5, 6, 7, 8, 9}))
    other = process("/opt/syslog", "/opt/syslog", pid=11, session=11, sockets=frozenset({10}))
    table.append(Socket("udp", ("0.0.0.0", 2346), ("", 0), 10))

    found = arranged([resolver, other], table)
    assert [(e.protocol, e.port) for e in found.endpoints] == [
        ("tcp", 8953),
        ("udp", 53),
        ("udp", 2346),
        ("udp", 4444),
        ("udp", 5353),
    ]


def test_a_container_is_known_by_its_name_and_else_by_what_it_runs() -> None:
    found = arranged(
        [
            process("/sbin/init", "/sbin/init", pid=10, cgroup="/lxc.payload.web1/init.scope"),
            process(
                "nginx -c /etc/nginx/nginx.conf",
                "/usr/sbin/nginx",
                pid=20,
                cgroup=f"/system.slice/docker-{ID}.scope",
                depth=1,
            ),
            process(
                "redis-server", "/usr/bin/redis-server", pid=30, cgroup=f"/kubepods/burstable/pod1/{ID[::-1]}", depth=1
            ),
            process("/usr/bin/dockerd", "/usr/bin/dockerd", pid=40, cgroup="/system.slice/docker.service"),
        ]
    )
    assert keys(found) == [
        "container web1",
        "in container exe /usr/bin/redis-server root",
        "in container path nginx /etc/nginx/nginx.conf",
        "unit docker.service",
    ]


def test_a_host_that_is_a_container_itself_has_units_of_its_own() -> None:
    found = arranged(
        [
            process("/sbin/init", "/usr/lib/systemd/systemd", pid=1, cgroup="/lxc.payload.web1/init.scope"),
            process("/usr/sbin/sshd -D", "/usr/sbin/sshd", pid=20, cgroup="/lxc.payload.web1/system.slice/ssh.service"),
        ]
    )
    assert keys(found) == ["unit ssh.service"]


def test_master_and_workers_that_hold_one_socket_are_one_instance() -> None:
    table = [Socket("tcp", ("0.0.0.0", 80), ("", 0), 5)]
    found = arranged(
        [
            process("title nginx: master process nginx", "/usr/sbin/nginx", pid=10, start=1, sockets=frozenset({5})),
            process(
                "title nginx: worker process",
                "/usr/sbin/nginx",
                pid=11,
                parent=10,
                start=2,
                uid=33,
                sockets=frozenset({5}),
            ),
        ],
        table,
        accounts={0: "root", 33: "www-data"},
    )
    assert keys(found) == ["exe /usr/sbin/nginx root 80"]
    assert found.instances[0].pids == {10, 11}


def test_a_second_program_of_a_supervisor_is_an_instance_of_its_own() -> None:
    found = arranged(
        [
            process("python3 /usr/bin/supervisord", "/usr/bin/python3.11", "supervisord", pid=10),
            process("python3 /opt/a.py", "/usr/bin/python3.11", pid=11, parent=10, session=11),
            process("python3 /opt/b.py", "/usr/bin/python3.11", pid=12, parent=10, session=12, sockets=frozenset({5})),
        ],
        [Socket("tcp", ("127.0.0.1", 9000), ("", 0), 5)],
    )
    assert keys(found) == ["exe /opt/a.py root", "exe /opt/b.py root 9000", "exe /usr/bin/supervisord root"]


def test_shells_jobs_and_what_has_a_terminal_are_no_daemons() -> None:
    found = arranged(
        [
            process("bash run.sh", "/usr/bin/bash", pid=10),
            process("python3 /tmp/job.py", "/usr/bin/python3.11", pid=11, parent=10, session=10),
            process("top", "/usr/bin/top", pid=12, terminal=34816),
            process("tmux", "/usr/bin/tmux", "tmux: server", pid=13),
            process("kernel-made", "/x", pid=14, session=0),
            process("in-a-sandbox", "/x", pid=15, depth=1),
            process("/usr/sbin/cron -f", "/usr/sbin/cron", pid=16),
        ]
    )
    assert keys(found) == ["exe /usr/sbin/cron root"]


@pytest.mark.parametrize("first", ["/usr/bin/tini -- /bin/sh /entry.sh", ""])
def test_what_the_script_of_a_container_runs_is_an_instance(first: str) -> None:
    """A worker that only asks others listens nowhere, and its flows would be nobody's."""
    script = process("/bin/sh /entry.sh", "/usr/bin/dash", pid=7 if first else 1, parent=1 if first else 0, session=0)
    rest = [
        process("python3 /opt/worker.py", "/usr/bin/python3.11", pid=20, parent=script.pid, session=0),
        process("sleep 3600", "/usr/bin/sleep", pid=21, parent=script.pid, session=0),
        process("bash", "/usr/bin/bash", pid=22, parent=0, session=0),
        process("curl http://a", "/usr/bin/curl", pid=23, parent=22, session=0),
    ]
    wrapper = [process(first, "/usr/bin/tini", pid=1, parent=0, session=0)] if first else []
    assert "exe /opt/worker.py root" in keys(arranged([*wrapper, script, *rest]))
    assert not {"exe /usr/bin/sleep root", "exe /usr/bin/curl root"} & set(keys(arranged([*wrapper, script, *rest])))

    machine = process("/sbin/init", "/usr/lib/systemd/systemd", "systemd", pid=1, parent=0, session=1)
    orphan = process("/bin/sh /home/loop.sh", "/usr/bin/dash", pid=7, parent=1, session=5)
    assert keys(arranged([machine, orphan, *rest[:1]])) == []


def test_a_login_over_ssh_is_no_instance_nor_are_the_ports_it_forwards() -> None:
    found = arranged(
        [
            process("title sshd: /usr/sbin/sshd -D [listener]", "/usr/sbin/sshd", pid=10, sockets=frozenset({22})),
            process(
                "title sshd: joe@pts/0", "/usr/sbin/sshd", pid=11, parent=10, session=11, sockets=frozenset({6010})
            ),
            process(
                "ssh other", "/usr/bin/ssh", pid=12, parent=11, session=12, terminal=34816, sockets=frozenset({77})
            ),
        ],
        [TCP22, Socket("tcp", ("127.0.0.1", 6010), ("", 0), 6010)],
    )
    assert keys(found) == ["exe /usr/sbin/sshd root 22"]
    assert found.endpoints == [Endpoint("tcp", "0.0.0.0", 22)]
    assert set(found.by_pid) == {10}


def test_the_observer_and_its_children_are_none_but_their_endpoints_stand() -> None:
    found = arranged(
        [
            process("python3 /opt/agent.py", "/usr/bin/python3", pid=10, sockets=frozenset({22})),
            process("dpkg-query -W", "/usr/bin/dpkg-query", pid=11, parent=10),
        ],
        [TCP22],
        own_pids=frozenset({10}),
    )
    assert keys(found) == []
    assert found.endpoints == [Endpoint("tcp", "0.0.0.0", 22)]
    assert found.own == {10, 11}


def test_an_ephemeral_port_counts_where_a_command_line_names_it() -> None:
    def ports(command: str, port: int, protocol: str = "tcp") -> list[int]:
        holder = process(command, "/usr/bin/app", sockets=frozenset({5}))
        return [e.port for e in arranged([holder], [Socket(protocol, ("0.0.0.0", port), ("", 0), 5)]).endpoints]

    assert ports("app --listen 0.0.0.0:50123", 50123) == [50123]
    assert ports("app --listen 0.0.0.0:150123", 50123) == []
    assert ports("app", 50123, "udp") == []
    assert ports("app", 61000) == [61000]
    assert ports("mysqld", 33060) == [33060]


def test_an_endpoint_whose_holder_may_not_be_seen_stands_alone() -> None:
    found = arranged([process("sshd", "/usr/sbin/sshd", terminal=1)], [TCP22])

    assert (found.endpoints, keys(found)) == ([Endpoint("tcp", "0.0.0.0", 22)], [])


def test_software_of_others_is_known_by_its_unit_where_its_executable_may_not_be_read() -> None:
    found = arranged(
        [
            process("/usr/sbin/sshd -D", "", "sshd", pid=10, cgroup="/system.slice/ssh.service"),
            process("/usr/sbin/cron -f", "", "cron", pid=11),
        ]
    )
    assert keys(found) == ["unit ssh.service"]


def test_the_socket_of_an_activated_unit_belongs_to_the_unit() -> None:
    init = process(
        "/sbin/init", "/usr/lib/systemd/systemd", pid=1, parent=0, cgroup="/init.scope", sockets=frozenset({22})
    )
    unit = process("sshd -D", "/usr/sbin/sshd", pid=9, cgroup="/system.slice/ssh.service", sockets=frozenset({22}))

    assert keys(arranged([init], [TCP22])) == ["exe /usr/lib/systemd/systemd root"]
    assert keys(arranged([init, unit], [TCP22])) == ["unit ssh.service"]


def test_other_pids_and_another_order_make_no_other_keys() -> None:
    def at(offset: int) -> Running:
        sockets = frozenset({5})
        return arranged(
            [
                process("app", "/usr/bin/app", pid=offset + 1, start=5, sockets=sockets),
                process("app", "/usr/bin/app", pid=offset + 2, parent=offset + 1, start=5, sockets=sockets),
            ][:: 1 if offset else -1],
            [Socket("tcp", ("0.0.0.0", 80), ("", 0), 5)],
        )

    assert keys(at(100)) == keys(at(0)) == ["exe /usr/bin/app root 80"]


def test_a_loop_of_parents_comes_to_an_end() -> None:
    sockets = frozenset({22})
    found = arranged(
        [process("a", "/a", pid=7, parent=8, sockets=sockets), process("a", "/a", pid=8, parent=7, sockets=sockets)],
        [TCP22],
    )

    assert keys(found) == ["exe /a root 22"]


def test_an_account_file_that_is_not_understood_is_an_error() -> None:
    shell = recorded("debian12-lab")
    content = Material(shell.supply(NEEDS)).file("/etc/passwd")
    assert _names(content)[0] == "root"
    with pytest.raises(ParseError, match="/etc/passwd"):
        _names(type(content)(b"root\n"))
    with pytest.raises(ParseError) as error:
        _names(type(content)(b"root:aB3dEfGh1jKlM:x:0\n"))
    assert "aB3dEfGh1jKlM" not in str(error.value)


def test_a_thousand_processes_with_a_hundred_thousand_connections_are_arranged_in_seconds() -> None:
    processes = [
        process("app", "/usr/bin/app", pid=n, session=n, sockets=frozenset(range(n * 100, n * 100 + 101)))
        for n in range(2, 1002)
    ]
    table = [Socket("tcp", ("10.0.0.1", 40000), ("10.0.0.2", 5432), inode) for inode in range(100_000)]
    listens = [Socket("tcp", ("0.0.0.0", n), ("", 0), n * 100) for n in range(2, 1002)]

    begin = time.process_time()
    found = arranged(processes, [*table, *listens])

    assert len(found.connections) == 100_000
    assert time.process_time() - begin < 10

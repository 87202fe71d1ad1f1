"""Products that run: version, package, data folder, configuration."""

from __future__ import annotations

from typing import Any

import pytest

from agent import running
from agent.fact import Collected, Content, File, Files, Links, NotApplicable
from agent.facts import products, software
from agent.facts.products import version_in
from tests.agent.supplied import made, recorded, run


def test_the_recorded_servers() -> None:
    shell = recorded("debian12-servers")
    outcome = run(products, shell, own_pids=shell.own_pids)

    assert isinstance(outcome, Collected), outcome
    found = {}
    for item in outcome.items:
        values = item.attributes()
        key = str(values.pop("instance")).split()
        found[key[1] if key[0] == "path" else key[1].rpartition("/")[2]] = tuple(
            values.get(name) for name in ("software_version", "package", "data_path", "config_path")
        )
    assert found == {
        "memcached": ("1.6.18", None, None, None),
        "redis-check-rdb": ("7.0.15", "redis-tools", "/var/lib/redis", "/etc/redis/redis.conf"),
        "beam.smp": ("3.10.8", "rabbitmq-server", None, None),
        "apache2": ("2.4.71", "apache2-bin", None, "/etc/apache2/apache2.conf"),
        "mariadbd": ("10.11.19", "mariadb-server-core", None, "/etc/mysql/my.cnf"),
        "nginx": ("1.22.1", "nginx", None, "/etc/nginx/nginx.conf"),
        "haproxy": ("2.6.12", "haproxy", None, "/etc/haproxy/haproxy.cfg"),
        "mosquitto": ("2.0.11", "mosquitto", "/var/lib/mosquitto/", "/etc/mosquitto/mosquitto.conf"),
        "postgres": (
            "15.18",
            "postgresql-15",
            "/var/lib/postgresql/15/main",
            "/etc/postgresql/15/main/postgresql.conf",
        ),
        "squid": ("5.7", "squid-openssl", None, "/etc/squid/squid.conf"),
    }


def test_they_are_the_instances_of_fact_software_and_nothing_of_the_moment_is_told() -> None:
    shell = recorded("debian12-servers")
    outcome = run(products, shell, own_pids=shell.own_pids)
    everything = run(software, shell, own_pids=shell.own_pids)

    assert isinstance(outcome, Collected)
    assert isinstance(everything, Collected)
    assert {i.local_key() for i in outcome.items} < {i.local_key() for i in everything.items}
    assert all(not item.readings() for item in outcome.items)


def process(executable: str, *argv: str) -> dict[Any, Any]:
    """A host on which one daemon runs."""
    folder = "/proc/77"
    stat = "77 (x) S 1 77 77 0 -1 4194560 1 0 0 0 1 1 0 0 20 0 1 0 100 1 1 1\n"
    named = {need.pattern: need for need in running.NEEDS if isinstance(need, (Files, Links))}
    tables = "  sl  local_address rem_address\n"
    return {
        named["/proc/[0-9]*/stat"]: {f"{folder}/stat": Content(stat.encode())},
        named["/proc/[0-9]*/status"]: {f"{folder}/status": Content(b"Uid:\t0\t0\t0\t0\nNSpid:\t77\n")},
        named["/proc/[0-9]*/cmdline"]: {f"{folder}/cmdline": Content("\0".join([executable, *argv]).encode() + b"\0")},
        named["/proc/[0-9]*/cgroup"]: {f"{folder}/cgroup": Content(b"0::/system.slice/x.service\n")},
        named["/proc/[0-9]*/exe"]: {f"{folder}/exe": executable},
        named["/proc/[0-9]*/fd/*"]: {},
        **{f"/proc/net/{name}": tables for name in ("tcp", "tcp6", "udp", "udp6")},
        "/proc/sys/net/ipv4/ip_local_port_range": "32768\t60999\n",
        "/proc/uptime": "100000.00 1.0\n",
    }


def told(content: dict[Any, Any]) -> dict[str, Any]:
    outcome = run(products, made(content))
    assert isinstance(outcome, Collected), outcome
    [item] = outcome.items
    return dict(item.attributes())


def test_an_executable_of_no_package_is_searched_for_its_version() -> None:
    content = process("/opt/nginx/sbin/nginx", "-c", "/opt/nginx/nginx.conf")
    build = b"\x7fELF\0nginx version: nginx/1.27.3\0nginx/1.27.3\0"

    assert told({**content, "/opt/nginx/sbin/nginx": build, "/opt/nginx/nginx.conf": "worker_processes 1;\n"}) == {
        "instance": "unit x.service",
        "software_version": "1.27.3",
        "config_path": "/opt/nginx/nginx.conf",
    }


def test_an_executable_that_can_not_be_read_or_says_nothing_has_no_version() -> None:
    content = process("/opt/nginx/sbin/nginx")

    assert told(content) == {"instance": "unit x.service"}
    assert told({**content, "/opt/nginx/sbin/nginx": b"\x7fELF"}) == {"instance": "unit x.service"}


@pytest.mark.parametrize(
    ("argv", "version"),
    [
        (
            ("-cp", "/opt/kafka/bin/../libs/kafka_2.13-3.9.0.jar:/x.jar", "kafka.Kafka", "/etc/kafka.properties"),
            "3.9.0",
        ),
        (("-cp", "/usr/share/zookeeper-3.8.4.jar", "org.apache.zookeeper.server.quorum.QuorumPeerMain"), "3.8.4"),
        (("-Dcatalina.home=/opt/apache-tomcat-10.1.34", "org.apache.catalina.startup.Bootstrap", "start"), "10.1.34"),
        (("-cp", "/x.jar", "kafka.Kafka"), None),
    ],
)
def test_what_runs_inside_java_is_told_by_its_arguments(argv: tuple[str, ...], version: str | None) -> None:
    assert told(process("/usr/lib/jvm/java-17/bin/java", *argv)).get("software_version") == version


def test_a_configuration_names_the_data_folder() -> None:
    content = process("/usr/sbin/mysqld", "--defaults-file=/etc/db.cnf")

    found = told({**content, "/etc/db.cnf": "[mysqld]\n# datadir = /old\ndatadir = /srv/mysql # here\n"})

    assert (found["config_path"], found["data_path"]) == ("/etc/db.cnf", "/srv/mysql")


def test_a_host_without_any_has_none() -> None:
    assert isinstance(run(products, made(process("/usr/sbin/cron", "-f"))), NotApplicable)


def test_two_versions_in_one_file_are_none() -> None:
    pattern = rb"v(\d\.\d)"

    assert version_in(b"v1.2 v1.2", pattern) == "1.2"
    assert version_in(b"v1.2 v1.3", pattern) == ""
    assert version_in(b"", pattern) == ""


def test_only_executables_of_products_are_asked_for() -> None:
    asked = list(products.further(_material(process("/usr/sbin/cron", "-f")), products_context()))

    assert asked == []
    assert File("/usr/sbin/cron") not in asked


def _material(content: dict[Any, Any]) -> Any:
    from agent.fact import Material

    return Material(made(content).supply(products.NEEDS))


def products_context() -> Any:
    from agent.fact import Context

    return Context()

"""What a process is, told from its executable and arguments."""

from __future__ import annotations

import pytest

from agent import known_software
from agent.proc import Process


def process(command: str, exe: str = "", name: str = "", **more: object) -> Process:
    """A process as its command line and executable say; a command line that begins with "title " is one argument."""
    argv = (command[6:],) if command.startswith("title ") else tuple(command.split())
    values: dict = {
        "pid": 100,
        "parent": 1,
        "session": 100,
        "terminal": 0,
        "start": 1000,
        "name": name or (exe or argv[0]).rpartition("/")[2],
        "uid": 0,
        "resident_bytes": 4096,
        "depth": 0,
        "argv": argv,
        "cgroup": "/",
        "exe": exe,
        "sockets": frozenset(),
    }
    return Process(**{**values, **more})


@pytest.mark.parametrize(
    ("command", "exe", "program", "name"),
    [
        ("/usr/sbin/nginx -g daemon", "/usr/sbin/nginx", "/usr/sbin/nginx", "nginx"),
        ("/usr/bin/python3 -u /opt/app.py --port 1", "/usr/bin/python3.11", "/opt/app.py", "app"),
        ("python3 -X dev -m http.server 8000", "/usr/bin/python3.11", "http.server", "http.server"),
        ("python3 -c print(1)", "/usr/bin/python3.11", "/usr/bin/python3.11", "python3.11"),
        ("python3 -u - Tr0ub4dor", "/usr/bin/python3.11", "/usr/bin/python3.11", "python3.11"),
        ("python3 -Ic Tr0ub4dor", "/usr/bin/python3.11", "/usr/bin/python3.11", "python3.11"),
        ("bash -lc Tr0ub4dor", "/usr/bin/bash", "/usr/bin/bash", "bash"),
        ("bash -s Tr0ub4dor", "/usr/bin/bash", "/usr/bin/bash", "bash"),
        ("bash -o pipefail -e /opt/run.sh", "/usr/bin/bash", "/opt/run.sh", "run"),
        ("perl -Mre -wnE Tr0ub4dor", "/usr/bin/perl", "/usr/bin/perl", "perl"),
        ("perl -Mre -Ilibe /opt/x.pl", "/usr/bin/perl", "/opt/x.pl", "x"),
        ("ruby -we Tr0ub4dor", "/usr/bin/ruby3.1", "/usr/bin/ruby3.1", "ruby3.1"),
        ("node -pe Tr0ub4dor", "/usr/bin/node", "/usr/bin/node", "node"),
        ("nodejs --eval Tr0ub4dor", "/usr/bin/nodejs", "/usr/bin/nodejs", "nodejs"),
        ("php -c /etc/php.ini -r Tr0ub4dor", "/usr/bin/php8.2", "/usr/bin/php8.2", "php8.2"),
        ("lua5.4 -e Tr0ub4dor", "/usr/bin/lua5.4", "/usr/bin/lua5.4", "lua5.4"),
        ("python3 --password=Tr0ub4dor x.py?token=Tr0ub4dor", "/usr/bin/python3", "x.py?token=***", "x.py?token=***"),
        ("/opt/x?token=Tr0ub4dor", "", "/opt/x?token=***", "x?token=***"),
        ("/usr/bin/java -Xmx1g -cp /a:/b kafka.Kafka /etc/k.properties", "/usr/bin/java", "kafka.Kafka", "kafka"),
        ("java -Dx=y -jar /opt/shop.jar", "/usr/bin/java", "/opt/shop.jar", "shop"),
        ("/usr/bin/node --inspect /srv/server.js", "/usr/bin/node", "/srv/server.js", "server"),
        ("/bin/sh /usr/bin/mysqld_safe", "/usr/bin/dash", "/usr/bin/mysqld_safe", "mysqld_safe"),
        ("/usr/lib/erlang/beam.smp -s rabbit boot", "/usr/lib/erlang/beam.smp", "/usr/lib/erlang/beam.smp", "rabbitmq"),
        (
            "title php-fpm: master process (/etc/php/8.2/fpm/php-fpm.conf)",
            "/usr/sbin/php-fpm8.2",
            "/usr/sbin/php-fpm8.2",
            "php-fpm",
        ),
        ("title sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups", "", "/usr/sbin/sshd", "sshd"),
        ("title nginx: worker process", "", "nginx", "nginx"),
    ],
)
def test_program_and_name(command: str, exe: str, program: str, name: str) -> None:
    found = process(command, exe, name if not exe else "")

    assert known_software.program(found) == program
    assert known_software.name(found) == name


def test_an_executable_with_several_names_is_the_software_whose_name_it_goes_by() -> None:
    redis = process("redis-server 0.0.0.0:6379", "/usr/bin/redis-check-rdb", name="redis-server")
    assert known_software.name(redis) == "redis-server"
    assert known_software.program(redis) == "/usr/bin/redis-check-rdb"
    script = process("/usr/bin/python3 /opt/app.py", "/usr/bin/python3.11", name="nginx")
    assert known_software.name(script) == "app"


def test_a_name_that_a_process_gave_itself_shows_no_secret() -> None:
    found = process("x", name="token=Tr0ub4dor", argv=("", "x"))

    assert known_software.executable(found) == "token=***"
    assert known_software.program(found) == "token=***"


@pytest.mark.parametrize(
    ("command", "path"),
    [
        (
            "postgres -D /var/lib/postgresql/15/main -c config_file=/etc/postgresql/x.conf",
            "/var/lib/postgresql/15/main",
        ),
        ("haproxy -Ws -f /etc/haproxy/haproxy.cfg -p /run/haproxy.pid", "/etc/haproxy/haproxy.cfg"),
        ("mysqld --defaults-file=/etc/my.cnf --datadir=/var/lib/mysql", "/var/lib/mysql"),
        ("prometheus --config.file=/etc/p.yml --web.listen-address=:9090", "/etc/p.yml"),
        ("mongod --config /etc/mongod.conf", "/etc/mongod.conf"),
        ("app --config=/etc/app?token=Tr0ub4dor", "/etc/app?token=***"),
        ("redis-server /etc/redis/redis.conf", "/etc/redis/redis.conf"),
        ("title nginx: master process nginx -c /etc/nginx/nginx.conf", "/etc/nginx/nginx.conf"),
        ("title php-fpm: master process (/etc/php/8.2/fpm/php-fpm.conf)", "/etc/php/8.2/fpm/php-fpm.conf"),
        ("sshd -D -o PidFile=/run/x", ""),
        ("snmpd -C -c /dev/null", ""),
        ("nginx -g daemon off;", ""),
    ],
)
def test_data_comes_before_configuration(command: str, path: str) -> None:
    assert known_software.path(process(command)) == path


@pytest.mark.parametrize("busy", ["0 of 10-100", "17 of 10-100"])
def test_a_title_does_not_say_how_busy_the_process_is(busy: str) -> None:
    listener = process(f"title sshd: /usr/sbin/sshd -D [listener] {busy} startups")

    assert known_software.command(listener) == ("sshd: /usr/sbin/sshd -D [listener]",)


@pytest.mark.parametrize(
    ("title", "session"),
    [
        ("sshd: joe@pts/0", True),
        ("sshd: joe [priv]", True),
        ("sshd-session: joe@notty", True),
        ("sshd: [accepted]", True),
        ("sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups", False),
        ("/usr/sbin/sshd -D", False),
    ],
)
def test_a_login_over_ssh_is_told_from_the_server(title: str, session: bool) -> None:
    assert known_software.is_session(process(f"title {title}")) is session


def test_shells_wrappers_and_first_processes() -> None:
    assert known_software.is_shell(process("bash", "/usr/bin/bash"))
    assert known_software.is_shell(process("-zsh", "/usr/bin/zsh"))
    assert not known_software.is_shell(process("sshd", "/usr/sbin/sshd"))
    assert known_software.is_wrapper(process("tini -- app", "/usr/bin/tini"))
    assert known_software.is_init(process("/sbin/init", "/usr/lib/systemd/systemd"))
    assert not known_software.is_init(process("nginx", "/usr/sbin/nginx"))
    assert known_software.is_of_user(process("/lib/systemd/systemd --user", "/lib/systemd/systemd"))
    assert not known_software.is_of_user(process("gunicorn --user www-data", "/usr/bin/gunicorn"))

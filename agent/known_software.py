"""What a process is, told from its executable and arguments: name and kind of well-known software, the script that an
interpreter runs, and the data or configuration path that it was given.

All of it is taken from the arguments as they stand and scrubbed; nothing named there is opened or run.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from agent.proc import Process
from agent.products import PRODUCTS
from agent.scrub import scrub_text

_T = TypeVar("_T")

_INTERPRETER = re.compile(r"(python|perl|ruby|node|nodejs|php|java|lua|tclsh|mono|dotnet|bash|dash|sh|zsh|ksh)[\d.]*\Z")
_SHELL = re.compile(r"-?(ba|da|z|k|a|c|tc|fi)?sh(\d|\Z)|busybox\Z")
_INIT = frozenset(
    {"systemd", "init", "tini", "dumb-init", "docker-init", "catatonit", "s6-svscan", "runit", "runsvdir", "busybox"}
    | {"openrc-init", "sleep", "tail", "unshare", "bwrap", "pause"}
)
_WRAPPERS = frozenset({"tini", "dumb-init", "docker-init", "catatonit"})
_SUPERVISORS = frozenset(
    {"runsv", "s6-supervise", "supervise", "supervisord", "tini", "dumb-init", "docker-init", "catatonit", "perpd"}
)
_OF_USERS = frozenset(
    {"tmux: server", "tmux", "screen", "ssh-agent", "gpg-agent", "dbus-launch", "(sd-pam)", "sudo", "su", "login"}
    | {"agetty", "getty", "mingetty", "at-spi-bus-laun", "gnome-keyring-d", "keychain", "sftp-server"}
)
_SESSION = re.compile(r"(sshd(-session|-auth)?|dropbear): (?!/)(?!.*\[listener\])")
_SHELLS = frozenset({"bash", "dash", "sh", "zsh", "ksh"})
_TAKES_VALUE = {
    "sh": frozenset({"-o", "-O", "+o", "+O", "--rcfile", "--init-file"}),
    "java": frozenset({"-cp", "-classpath", "--class-path", "-p", "--module-path", "--add-opens", "--add-exports"}),
    "python": frozenset({"-W", "-X"}),
    "node": frozenset({"-r", "--require", "--import", "--loader"}),
    "perl": frozenset({"-I"}),
    "ruby": frozenset({"-I", "-r", "-C"}),
    "php": frozenset({"-c", "-d", "-S", "-t"}),
}
_NO_SCRIPT = {
    "sh": re.compile(r"-[a-zA-Z]*[cs][a-zA-Z]*\Z"),
    "python": re.compile(r"-[bBdEhiIOPqsSuvx]*c|-\Z"),
    "perl": re.compile(r"-(?![CDFIMVmx])[a-zA-Z0-9]*[eE]|-\Z"),
    "ruby": re.compile(r"-(?![CEFIKTrx])[a-zA-Z0-9]*e|-\Z"),
    "node": re.compile(r"-p?e\Z|-p\Z|--(eval|print)(=|\Z)|-\Z"),
    "php": re.compile(r"-[rRBEF]|--(run|process-\w+)(=|\Z)|-\Z"),
    "lua": re.compile(r"-e|-\Z"),
}
"""Options behind which an interpreter takes its program as text, and marks of a program from standard input. Text that
follows is no name of anything and may hold secrets."""
_DATA = frozenset({"D", "datadir", "data-dir", "data_dir", "data-directory", "data", "dbpath", "storage.tsdb.path"})
_CONFIG = frozenset(
    {"c", "f", "C", "config", "config-file", "config_file", "config.file", "conf", "conf-file", "configfile", "cfg"}
    | {"defaults-file", "configuration", "configuration-file", "config-path"}
)
_CONFIG_FILE = re.compile(r"/.+\.(conf|cfg|cnf|ini|ya?ml|toml|json|xml|properties|hcl)\Z")
_SCRIPT_END = re.compile(r"\.(py|pl|rb|js|mjs|php|jar|sh|dll|lua)\Z")
_BUSY = re.compile(r"( \d+ of [\d\-]+ startups|\s*\[\d+ of \d+ busy\]| -active- .*)\Z")
"""Ends of titles that say how busy a process is: sshd, sidekiq, celery."""


def _kinds(*rows: tuple[str, str]) -> dict[str, str]:
    return {name: kind for kind, names in rows for name in names.split()}


KINDS: Mapping[str, str] = _kinds(
    *((product.kind, product.name) for product in PRODUCTS.values()),
    ("remote access", "sshd dropbear xrdp telnetd"),
    ("name service", "named unbound dnsmasq pdns_server pdns_recursor coredns systemd-resolved nsd knotd bind9"),
    ("time service", "chronyd ntpd systemd-timesyncd"),
    ("mail server", "master exim4 sendmail dovecot postfix"),
    ("file service", "smbd nmbd vsftpd proftpd nfsd rpc.mountd glusterd rsync minio"),
    ("container engine", "dockerd containerd docker-proxy podman kubelet kube-proxy crio lxd incusd k3s"),
    ("monitoring", "prometheus grafana grafana-server node_exporter zabbix_agentd zabbix_server snmpd telegraf"),
    ("scheduler", "cron crond atd anacron"),
    ("log service", "rsyslogd syslog-ng systemd-journald fluentd logstash filebeat"),
)
"""Kind by name of the software."""

_BY_PREFIX = (("php-fpm", "php-fpm"), ("exim4", "exim4"))
_BY_ARGUMENT = (
    ("beam", "rabbit", "rabbitmq"),
    ("beam", "couch", "couchdb"),
    ("beam", "emqx", "emqx"),
    ("java", "kafka.Kafka", "kafka"),
    ("java", "QuorumPeerMain", "zookeeper"),
    ("java", "CassandraDaemon", "cassandra"),
    ("java", "org.elasticsearch", "elasticsearch"),
    ("java", "org.opensearch", "opensearch"),
    ("java", "org.apache.catalina", "tomcat"),
    ("java", "activemq", "activemq"),
    ("java", "org.neo4j", "neo4j"),
    ("java", "logstash", "logstash"),
    ("python", "gunicorn", "gunicorn"),
    ("ruby", "puma", "puma"),
    ("ruby", "unicorn", "unicorn"),
)
"""(start of the executable's name, text in an argument, software)"""


def _once(tell: Callable[[Process], _T]) -> Callable[[Process], _T]:
    """What is told of a process is told again and again; kept beside its fields, which are all that it is compared by."""
    at = f"_{tell.__name__}"

    @functools.wraps(tell)
    def told(process: Process) -> _T:
        kept = vars(process)
        if at not in kept:
            kept[at] = tell(process)
        found: _T = kept[at]
        return found

    return told


@_once
def executable(process: Process) -> str:
    """Path of the executable; where it may not be read, the path that the arguments give it, else the process' name."""
    if process.exe:
        return process.exe
    words = process.argv[0].split() if process.argv else []
    if words and words[0].startswith("/"):
        return scrub_text(words[0])
    # "sshd: /usr/sbin/sshd -D [listener]"; the kernel keeps 15 characters of a name.
    own = (w for w in words if w.startswith("/") and w.rpartition("/")[2][:15] == process.name)
    return scrub_text(next(own, process.name))


@_once
def program(process: Process) -> str:
    """What runs: the script, module or archive where the executable is an interpreter, else the executable."""
    path = executable(process)
    interpreter = _INTERPRETER.match(path.rpartition("/")[2])
    return (scrub_text(_script(interpreter[1], process.argv)) or path) if interpreter else path


@_once
def name(process: Process) -> str:
    """Short name: of well-known software its own, else the last part of the program."""
    base = executable(process).rpartition("/")[2]
    for start, text, found in _BY_ARGUMENT:
        if base.startswith(start) and any(text in argument for argument in process.argv):
            return found
    for start, found in _BY_PREFIX:
        if base.startswith(start):
            return found
    if base in KINDS:
        return base
    if process.name in KINDS and not _INTERPRETER.match(base):
        return process.name  # One executable under several names: Debian's redis-server is a link to redis-check-rdb.
    return _SCRIPT_END.sub("", program(process).rpartition("/")[2])


def path(process: Process) -> str:
    """Absolute data path, else configuration path among the arguments, empty where there is none."""
    data, configuration = places(process)
    return data or configuration


def places(process: Process) -> tuple[str, str]:
    """(data path, configuration path) among the arguments, absolute; each empty where there is none."""
    words = _words(process)
    given = [(option, value) for option, value in _options(words) if not value.startswith("/dev/")]
    data, configuration = (
        next((value for option, value in given if option in names), "") for names in (_DATA, _CONFIG)
    )
    # PostgreSQL takes settings: -c config_file=/etc/postgresql/15/main/postgresql.conf.
    assigned = dict(re.findall(r"(?m)^(config_file|data_directory)=(/.*)$", "\n".join(words[1:])))
    data = data or assigned.get("data_directory", "")
    configuration = configuration or assigned.get("config_file", "")
    if not data and not configuration:
        configuration = next((word.strip("()") for word in words[1:] if _CONFIG_FILE.match(word.strip("()"))), "")
    return scrub_text(data), scrub_text(configuration)


@_once
def options(process: Process) -> list[tuple[str, str]]:
    """(option, absolute path) of the arguments that give one: of --config=/etc/x, --config /etc/x, -c /etc/x, -D/var/x."""
    return [(option, scrub_text(value)) for option, value in _options(_words(process))]


def command(process: Process) -> tuple[str, ...]:
    """Arguments without what a title says of the moment."""
    return (_BUSY.sub("", process.argv[0]),) if len(process.argv) == 1 else process.argv


def is_shell(process: Process) -> bool:
    return _SHELL.match(executable(process).rpartition("/")[2]) is not None


def is_wrapper(process: Process) -> bool:
    """True of what only starts something else and waits for it."""
    return is_shell(process) or process.name in _WRAPPERS


def is_init(process: Process) -> bool:
    """True of a first process that only minds others."""
    return process.name in _INIT or executable(process).rpartition("/")[2] in _INIT


def is_supervisor(process: Process) -> bool:
    return process.pid == 1 or process.name in _SUPERVISORS


def is_session(process: Process) -> bool:
    """True of an SSH server's process that serves one login."""
    return bool(process.argv) and _SESSION.match(process.argv[0]) is not None


def is_of_user(process: Process) -> bool:
    """True of what a login starts to go on behind its back: a terminal multiplexer, an agent, a session bus."""
    session_bus = process.name.startswith("dbus-") and "--session" in process.argv
    return process.name in _OF_USERS or session_bus or (process.name == "systemd" and "--user" in process.argv)


def _words(process: Process) -> Sequence[str]:
    # A title that the process gave itself is one argument: "nginx: master process nginx -c /etc/nginx/nginx.conf".
    return process.argv[0].split() if len(process.argv) == 1 else process.argv


def _script(interpreter: str, argv: Sequence[str]) -> str:
    language = "sh" if interpreter in _SHELLS else "node" if interpreter == "nodejs" else interpreter
    takes_value, no_script = _TAKES_VALUE.get(language, frozenset()), _NO_SCRIPT.get(language)
    rest = list(argv[1:])
    while rest:
        word = rest.pop(0)
        if word in ("-m", "-jar") and rest:
            return rest[0]
        if no_script and no_script.match(word):
            return ""
        if word in takes_value:
            rest[:1] = []
        elif not word.startswith(("-", "+")):
            return word
    return ""


def _options(argv: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(option, value) where the value is an absolute path: --config=/etc/x, --config /etc/x, -c /etc/x, -D/var/x."""
    for word, after in zip(argv[1:], [*argv[2:], ""]):
        option, equals, value = word.partition("=")
        if equals and option.startswith("-") and value.startswith("/"):
            yield option.lstrip("-"), value
        elif re.match(r"-[A-Za-z]/", word):
            yield word[1], word[2:]
        elif option.startswith("-") and not equals and after.startswith("/"):
            yield option.lstrip("-"), after

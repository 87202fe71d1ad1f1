"""Servers that mean no good: each holds up, floods or lies in one phase, and none gets a worker for longer than the deadline."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import paramiko
import pytest
from paramiko.message import Message

from collector.deadlines import Deadlines
from collector.identification import Identification
from collector.login import Login
from collector.outcome import Stopped
from collector.secret import Secret
from collector.ssh.algorithms import offered
from collector.ssh.known_hosts import KnownHosts
from collector.ssh.session import connect
from collector.ssh.wire import Wire
from collector.target import Target

SHORT = Deadlines(connect=1.0, banner=1.0, key_exchange=1.0, authentication=1.0, command=1.0, total=30.0)
IDENTITY = b"SSH-2.0-Hostile_1\r\n"
LOGIN = Login("pass", "ops", password=Secret("right"), names_range=True)

Serve = Callable[[socket.socket, threading.Event], None]


class Hostile:
    """One connection after the other is given to `serve`, with an event that says that the test is over."""

    def __init__(self, serve: Serve) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.over = threading.Event()
        self._serve = serve
        self._threads: list[threading.Thread] = []
        self._acceptor = threading.Thread(target=self._accept)
        self._acceptor.start()

    @property
    def target(self) -> Target:
        return Target("hostile", "127.0.0.1", self.listener.getsockname()[1])

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._run, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _run(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, EOFError, paramiko.SSHException), connection:
            self._serve(connection, self.over)

    def end(self) -> None:
        self.over.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in [self._acceptor, *self._threads]:
            thread.join(20)


@pytest.fixture
def hostile() -> Iterator[Callable[[Serve], Target]]:
    servers: list[Hostile] = []

    def start(serve: Serve) -> Target:
        servers.append(Hostile(serve))
        return servers[-1].target

    yield start
    for server in servers:
        server.end()


def trickle(connection: socket.socket, over: threading.Event, data: bytes) -> None:
    """One byte after the other, slowly, and then the same again."""
    while True:
        for number in range(len(data)):
            if over.wait(0.05):
                return
            connection.sendall(data[number : number + 1])


def silent(connection: socket.socket, over: threading.Event) -> None:
    over.wait()


def slow_banner(connection: socket.socket, over: threading.Event) -> None:
    trickle(connection, over, b"SSH-2.0-" + b"a" * 100)


def banner_only(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(IDENTITY)
    over.wait()


def slow_kex(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(IDENTITY)
    trickle(connection, over, struct.pack(">IB", 1100, 4) + b"\x14" + b"\0" * 1094)


def packets_without_end(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(IDENTITY)
    ignore = struct.pack(">IBB", 12, 10, 2) + b"\0" * 10  # SSH_MSG_IGNORE
    while not over.wait(0.001):
        connection.sendall(ignore)


def giant_packet(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(IDENTITY + struct.pack(">IB", 0xFFFFFFF0, 4))
    while not over.wait(0.01):
        connection.sendall(b"\0" * 65536)


def kex_without_reply(connection: socket.socket, over: threading.Event) -> None:
    lists = [b"curve25519-sha256", b"ssh-ed25519", b"aes128-ctr", b"aes128-ctr", b"hmac-sha2-256", b"hmac-sha2-256"]
    lists += [b"none", b"none", b"", b""]
    payload = b"\x14" + os.urandom(16) + b"".join(struct.pack(">I", len(x)) + x for x in lists) + b"\0" * 5
    padding = 8 - (len(payload) + 5) % 8 + 8
    connection.sendall(IDENTITY + struct.pack(">IB", len(payload) + padding + 1, padding) + payload + b"\0" * padding)
    over.wait()


@pytest.mark.parametrize(
    ("serve", "outcome", "phase"),
    [
        (silent, "timed_out", "banner"),
        (slow_banner, "timed_out", "banner"),
        (banner_only, "timed_out", "key_exchange"),
        (slow_kex, "timed_out", "key_exchange"),
        (packets_without_end, "timed_out", "key_exchange"),
        (kex_without_reply, "timed_out", "key_exchange"),
        (giant_packet, "failed", "key_exchange"),
    ],
)
def test_no_phase_before_signing_in_can_be_held_up(
    hostile: Callable[[Serve], Target], known: KnownHosts, serve: Serve, outcome: str, phase: str
) -> None:
    target = hostile(serve)
    start = time.monotonic()

    with pytest.raises(Stopped) as caught:
        connect(target, [LOGIN], known, SHORT)

    assert time.monotonic() - start < 5
    assert (caught.value.outcome, caught.value.phase) == (outcome, phase), caught.value.reason
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ssh 127")]


class Server(paramiko.ServerInterface):
    """Lets ops in, and then does what the test says."""

    hold_channel = False

    def __init__(self, over: threading.Event, hold_authentication: bool, run: Callable[[Any], None]) -> None:
        self._over, self._hold, self._run = over, hold_authentication, run

    def check_auth_password(self, username: str, password: str) -> int:
        if self._hold:
            self._over.wait()
        return paramiko.common.AUTH_SUCCESSFUL

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        if self.hold_channel:
            self._over.wait()
        return paramiko.common.OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: Any, command: bytes) -> bool:
        if command == b"hold":
            self._over.wait()
        if command == b"no":
            return False
        threading.Thread(target=self._run, args=(channel,), daemon=True).start()
        return True


@pytest.fixture(scope="module")
def host_key(tmp_path_factory: pytest.TempPathFactory) -> paramiko.PKey:
    return paramiko.ECDSAKey.generate()


def ssh_server(
    key: paramiko.PKey, run: Callable[[Any], None], hold_authentication: bool = False, hold_channel: bool = False
) -> Serve:
    def serve(connection: socket.socket, over: threading.Event) -> None:
        server = Server(over, hold_authentication, run)
        server.hold_channel = hold_channel
        transport = paramiko.Transport(connection)
        transport.set_log_channel("tests.hostile")
        transport.add_server_key(key)
        try:
            transport.start_server(threading.Event(), server)
            over.wait()
        finally:
            transport.close()

    return serve


def test_signing_in_can_not_be_held_up(
    hostile: Callable[[Serve], Target], known: KnownHosts, host_key: paramiko.PKey
) -> None:
    target = hostile(ssh_server(host_key, lambda channel: None, hold_authentication=True))
    start = time.monotonic()

    with pytest.raises(Stopped) as caught:
        connect(target, [LOGIN], known, SHORT)

    assert time.monotonic() - start < 5
    assert (caught.value.outcome, caught.value.phase) == ("timed_out", "authentication")
    assert caught.value.evidence.host_key.startswith("ecdsa-sha2-nistp256 SHA256:")


def output_without_end(channel: Any) -> None:
    with contextlib.suppress(OSError):
        while channel.send(b"."):
            time.sleep(0.02)


def status_without_end(channel: Any) -> None:
    channel.send(b"out")
    channel.send_exit_status(0)  # and the channel stays open


def end_without_status(channel: Any) -> None:
    channel.send(b"out")
    channel.shutdown_write()  # and it never tells a status


@pytest.mark.parametrize(
    ("run", "ends"), [(output_without_end, False), (end_without_status, False), (status_without_end, True)]
)
def test_a_command_can_not_hold_up_either(
    hostile: Callable[[Serve], Target],
    known: KnownHosts,
    host_key: paramiko.PKey,
    run: Callable[[Any], None],
    ends: bool,
) -> None:
    start = time.monotonic()

    with connect(hostile(ssh_server(host_key, run)), [LOGIN], known, SHORT) as session:
        if ends:
            done = session.execute("x", b"", limit=10_000, seconds=5.0)
            assert (done.stdout, done.status) == (b"out", 0)
        else:
            with pytest.raises(Stopped) as caught:
                session.execute("x", b"", limit=10_000, seconds=1.0)
            assert (caught.value.outcome, caught.value.phase) == ("timed_out", "command")

    assert time.monotonic() - start < 10


@pytest.mark.parametrize(("command", "hold_channel"), [("x", True), ("hold", False)])
def test_neither_opening_a_channel_nor_beginning_a_command_can_be_held_up(
    hostile: Callable[[Serve], Target], known: KnownHosts, host_key: paramiko.PKey, command: str, hold_channel: bool
) -> None:
    target = hostile(ssh_server(host_key, lambda channel: None, hold_channel=hold_channel))
    start = time.monotonic()

    with connect(target, [LOGIN], known, SHORT) as session, pytest.raises(Stopped) as caught:
        session.execute(command, b"", limit=10, seconds=1.0)

    assert time.monotonic() - start < 10
    assert (caught.value.outcome, caught.value.phase) == ("timed_out", "command")


@pytest.mark.parametrize("kind", ["auth-agent@openssh.com", "x11", "forwarded-tcpip", "session"])
def test_a_host_gets_no_way_back(
    hostile: Callable[[Serve], Target], known: KnownHosts, host_key: paramiko.PKey, kind: str
) -> None:
    refused: list[type[BaseException]] = []

    def run(channel: Any) -> None:
        try:
            channel.get_transport().open_channel(kind, ("127.0.0.1", 22), ("127.0.0.1", 22), timeout=5)
        except paramiko.SSHException as error:
            refused.append(type(error))
        with contextlib.suppress(EOFError, OSError):  # the other side may have left by now
            channel.send_exit_status(0)
            channel.close()

    with connect(hostile(ssh_server(host_key, run)), [LOGIN], known, SHORT) as session:
        session.execute("x", b"", limit=10, seconds=8.0)

    assert refused == [paramiko.ChannelException]


def test_a_device_that_runs_no_commands_is_no_host(
    hostile: Callable[[Serve], Target], known: KnownHosts, host_key: paramiko.PKey
) -> None:
    target = hostile(ssh_server(host_key, lambda channel: None))

    with connect(target, [LOGIN], known, SHORT) as session, pytest.raises(Stopped) as caught:
        session.execute("no", b"", limit=10, seconds=5.0)

    assert (caught.value.outcome, caught.value.phase) == ("not_a_host", "command")


def test_a_host_that_is_asked_whether_it_lives_and_says_nothing_is_dead(
    hostile: Callable[[Serve], Target], known: KnownHosts, host_key: paramiko.PKey
) -> None:
    class Deaf(paramiko.Transport):
        def _parse_global_request(self, m: Any) -> None:
            """No answer."""

    def serve(connection: socket.socket, over: threading.Event) -> None:
        transport = Deaf(connection)
        transport.set_log_channel("tests.hostile")
        transport.add_server_key(host_key)
        transport.start_server(threading.Event(), Server(over, False, lambda channel: None))
        over.wait()
        transport.close()

    session = connect(hostile(serve), [LOGIN], known, SHORT)

    assert not session.answers(0.5)
    session.close()


@pytest.fixture
def wire() -> Iterator[Wire]:
    near, far = socket.socketpair()
    wire = Wire(near, Identification(IDENTITY.strip(), b""), offered(), lambda key: None, "none")
    yield wire
    wire.end()
    far.close()


def test_counts_of_a_server_are_bounded(wire: Wire) -> None:
    message = Message()
    message.add_int(0xFFFFFFFF)
    message.add_string("server-sig-algs")
    message.add_string("ssh-ed25519")

    wire._parse_ext_info(Message(message.asbytes()))

    assert wire.server_extensions["server-sig-algs"] == b"ssh-ed25519"


def test_what_is_offered_is_known_to_the_library_and_holds_no_compression(wire: Wire) -> None:
    near, far = socket.socketpair()
    old: Any = Wire(near, Identification(b"SSH-2.0-x", b""), offered(True), lambda key: None, "none")
    with near, far:
        for each in (wire, old):
            assert set(each.preferred_ciphers) <= set(old._cipher_info)
            assert set(each.preferred_macs) <= set(old._mac_info)
            assert set(each.preferred_keys) <= set(old._key_info)
            assert set(each.preferred_kex) <= set(old._kex_info)
            assert each.preferred_compression == ("none",)
    assert wire.local_version == "SSH-2.0-Surveymark"

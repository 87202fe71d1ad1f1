"""paramiko's Transport as a sweep needs it: quiet, bounded, asking for chosen algorithms, and checking the host key before
anything is sent under the new keys.

One thread reads each connection. Nothing here waits for it without an end: `end()` shuts the socket down, and the thread with
all who wait for it wake.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Callable
from typing import Any, Protocol

import paramiko
from cryptography.hazmat.primitives import hashes
from paramiko.common import (
    cMSG_CHANNEL_CLOSE,
    cMSG_CHANNEL_DATA,
    cMSG_CHANNEL_EOF,
    cMSG_CHANNEL_EXTENDED_DATA,
    cMSG_CHANNEL_OPEN,
    cMSG_CHANNEL_REQUEST,
    cMSG_CHANNEL_WINDOW_ADJUST,
)
from paramiko.kex_curve25519 import KexCurve25519
from paramiko.message import Message
from paramiko.packet import Packetizer

from collector.identification import Identification, visible
from collector.ssh.algorithms import WEAK, Algorithms
from collector.ssh.old_kex import KexGroup1SHA1, KexGroup14SHA1

QUIET = "surveymark.ssh.wire"
LARGEST_PACKET = 256 * 1024 + 1024  # OpenSSH takes 256 KiB at most
WINDOW_BYTES = 4 * 1024 * 1024
PACKET_BYTES = 32 * 1024
_OF_CHANNELS = frozenset(
    [
        cMSG_CHANNEL_CLOSE,
        cMSG_CHANNEL_DATA,
        cMSG_CHANNEL_EOF,
        cMSG_CHANNEL_EXTENDED_DATA,
        cMSG_CHANNEL_REQUEST,
        cMSG_CHANNEL_WINDOW_ADJUST,
    ]
)
"""Messages that begin with the far side's number of a channel, RFC 4254 section 5."""
_CHECK_SECONDS = 5.0  # how often an idle connection looks whether a keepalive is due


class Carrier(Protocol):
    """What a connection goes over: a socket, or a channel of a jump host."""

    def recv(self, size: int) -> bytes: ...
    def send(self, data: bytes) -> int: ...
    def settimeout(self, seconds: float | None) -> None: ...
    def close(self) -> None: ...


class ChannelRefused(Exception):
    """The far side opens no channel: the code of RFC 4254 section 5.1, and its words."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code, self.words = code, words


class HostKeyDiffers(Exception):
    """The host showed another key in the middle of a connection."""


class _OldRSAKey(paramiko.RSAKey):
    """An RSA host key that signs with SHA-1, where old algorithms are allowed."""

    HASHES = {**paramiko.RSAKey.HASHES, "ssh-rsa": hashes.SHA1}  # type: ignore[misc]


class Wire(paramiko.Transport):
    """One connection. `offered` is what the far side's KEXINIT had, `host_key_blob` the key that it has proved."""

    active: bool
    remote_cipher: str
    remote_mac: str
    server_extensions: dict[str, bytes]
    _CLIENT_ID = "Surveymark"
    _active_check_timeout = _CHECK_SECONDS
    _key_info = {**paramiko.Transport._key_info, "ssh-rsa": _OldRSAKey}  # type: ignore[attr-defined]
    _kex_info = {
        **paramiko.Transport._kex_info,  # type: ignore[attr-defined]
        "curve25519-sha256": KexCurve25519,
        "diffie-hellman-group14-sha1": KexGroup14SHA1,
        "diffie-hellman-group1-sha1": KexGroup1SHA1,
    }

    def __init__(
        self,
        carrier: Carrier,
        identification: Identification,
        algorithms: Algorithms,
        vouch: Callable[[bytes], None],
        name: str,
    ) -> None:
        self._carrier = carrier
        super().__init__(
            _Replayed(carrier, identification),  # type: ignore[arg-type]
            default_window_size=WINDOW_BYTES,
            packetizer_class=_BoundedPacketizer,
        )
        self.name = f"ssh {name}"
        self.set_log_channel(QUIET)
        logging.getLogger(QUIET).disabled = True  # paramiko logs whole tracebacks of what a host does wrong
        self.offered: dict[str, list[str]] = {}
        self.host_key_blob = b""
        self._algorithms = algorithms
        self._vouch = vouch
        self._refusals: dict[int, ChannelRefused] = {}
        self._said_goodbye: set[int] = set()  # the far side's numbers of channels whose close we have sent
        self.clear_to_send_timeout = 10.0

    @property
    def preferred_kex(self) -> tuple[str, ...]:
        return tuple(name for name in self._algorithms.kex if name in self._kex_info)

    @property
    def preferred_keys(self) -> tuple[str, ...]:
        return self._algorithms.keys

    @property
    def preferred_ciphers(self) -> tuple[str, ...]:
        return self._algorithms.ciphers

    @property
    def preferred_macs(self) -> tuple[str, ...]:
        return self._algorithms.macs

    @property
    def weak(self) -> tuple[str, ...]:
        """The weak ones among the algorithms that were agreed on."""
        theirs = self.offered.get("kex_algo_list", [])
        kex = next((name for name in self.preferred_kex if name in theirs), "")
        ciphers, macs = (self.local_cipher, self.remote_cipher), (self.local_mac, self.remote_mac)
        agreed = (kex, self.host_key_type or "", *ciphers, *macs)
        gcm = "gcm" in self.local_cipher
        return tuple(dict.fromkeys(n for n in agreed if n in WEAK and not (gcm and n.startswith("hmac"))))

    def open(self, kind: str, seconds: float, to: tuple[str, int] | None = None) -> paramiko.Channel:
        """A new channel: a "session", or "direct-tcpip" to an address and port, which the far side may have to connect to.

        Raises ChannelRefused, TimeoutError, EOFError. paramiko's own keeps one refusal for all threads of a connection.
        """
        event = threading.Event()
        message = Message()
        with self.lock:
            number = self._next_channel()  # type: ignore[attr-defined]
            message.add_byte(cMSG_CHANNEL_OPEN)
            message.add_string(kind)
            message.add_int(number)
            message.add_int(WINDOW_BYTES)
            message.add_int(PACKET_BYTES)
            if to is not None:
                message.add_string(to[0])
                message.add_int(to[1])
                message.add_string("127.0.0.1")
                message.add_int(0)
            channel = paramiko.Channel(number)
            self._channels.put(number, channel)  # type: ignore[attr-defined]
            self.channel_events[number] = event
            self.channels_seen[number] = True
            channel._set_transport(self)  # type: ignore[attr-defined]
            channel._set_window(WINDOW_BYTES, PACKET_BYTES)  # type: ignore[attr-defined]
        self._send_user_message(message)  # type: ignore[attr-defined]
        answered = event.wait(seconds) if self.active else False
        refusal = self._refusals.pop(number, None)
        if refusal is not None:
            raise refusal
        if not self.active:
            raise EOFError
        if not answered:
            with self.lock:
                self.channel_events.pop(number, None)
            raise TimeoutError
        return channel

    def end(self) -> None:
        """Close it at once, from any thread. The socket's own thread closes the descriptor, so no other can get it."""
        if isinstance(self._carrier, socket.socket):
            with contextlib.suppress(OSError):
                self._carrier.shutdown(socket.SHUT_RDWR)
        else:
            self._carrier.close()
        if not self.is_alive():
            self._carrier.close()
        elif threading.current_thread() is not self:
            self.join(2.0)

    def _log(self, level: int, msg: Any, *args: Any) -> None:
        """Nothing: what a host does wrong is told by the outcome of its target."""

    def _really_parse_kex_init(self, m: Any, ignore_first_byte: bool = False) -> dict[str, Any]:
        parsed: dict[str, Any] = super()._really_parse_kex_init(m, ignore_first_byte)  # type: ignore[misc]
        if not ignore_first_byte:
            self.offered = {name: list(value) for name, value in parsed.items() if isinstance(value, list)}
        return parsed

    def _send_message(self, data: Message) -> None:
        """Nothing goes out for a channel behind its close (RFC 4254 section 5.3): paramiko lets a thread that sends and one that
        closes overtake each other, and OpenSSH ends the whole connection for it, with all that a jump host carries."""
        raw = data.asbytes()
        if raw[:1] in _OF_CHANNELS:
            number = int.from_bytes(raw[1:5], "big")
            if number in self._said_goodbye:
                return
            if raw[:1] == cMSG_CHANNEL_CLOSE:
                self._said_goodbye.add(number)
        super()._send_message(data)  # type: ignore[misc]

    def _parse_channel_open_success(self, m: Message) -> None:
        _, number = m.get_int(), m.get_int()
        self._said_goodbye.discard(number)  # given out again
        m.rewind()
        super()._parse_channel_open_success(m)  # type: ignore[misc]

    def _parse_channel_open_failure(self, m: Any) -> None:
        number, code = m.get_int(), m.get_int()
        words = visible(m.get_string())
        with self.lock:
            self._channels.delete(number)  # type: ignore[attr-defined]
            event = self.channel_events.pop(number, None)
        if event is not None:
            self._refusals[number] = ChannelRefused(code, words)
            event.set()

    def _parse_ext_info(self, msg: Any) -> None:
        """RFC 8308 section 2.3. The count is the far side's word, so it is bounded."""
        for _ in range(min(msg.get_int(), 64)):
            name = msg.get_text()
            self.server_extensions[name] = msg.get_string()

    def _verify_key(self, host_key: bytes, sig: bytes) -> None:
        super()._verify_key(host_key, sig)  # type: ignore[misc]
        if self.host_key_blob and host_key != self.host_key_blob:
            raise HostKeyDiffers("the host showed another key in the middle of the connection")
        if not self.host_key_blob:
            self.host_key_blob = host_key
            self._vouch(host_key)


class _BoundedPacketizer(Packetizer):
    """Reads no packet beyond what SSH allows, and starts no timer of its own for each connection."""

    def read_all(self, n: int, check_rekey: bool = False) -> bytes:
        if not 0 <= n <= LARGEST_PACKET:
            raise paramiko.SSHException(f"a packet of {n} bytes")
        data: bytes = super().read_all(n, check_rekey)
        return data

    def start_handshake(self, timeout: float) -> None:
        """The session's own deadlines hold."""

    def complete_handshake(self) -> None:
        """As above."""


class _Replayed:
    """A carrier of which the first bytes were read already."""

    def __init__(self, carrier: Carrier, identification: Identification) -> None:
        self._carrier = carrier
        self._ahead = identification.line + b"\r\n" + identification.rest
        self.send, self.settimeout, self.close = carrier.send, carrier.settimeout, carrier.close

    def recv(self, size: int) -> bytes:
        if self._ahead:
            taken, self._ahead = self._ahead[:size], self._ahead[size:]
            return taken
        return self._carrier.recv(size)

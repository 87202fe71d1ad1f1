"""Whether a host is the one that it was: host keys in OpenSSH's known_hosts files and in one of the sweep's own.

Modes: "accept-new" takes the key of a host that nobody knows and keeps it; "strict" refuses it; "pinned" is strict and asks
the sweep's own file only. A key other than the known one ends the way in each mode, before anything else is sent.
Certificates of hosts (@cert-authority) are taken where an authority stands for the host, @revoked keys never.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import os
import shlex
import stat
import struct
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from collector.outcome import HOST_KEY_CHANGED, HOST_KEY_UNKNOWN, Evidence, Stopped
from collector.ssh.host_key_index import CERT_AUTHORITY, LARGEST_FILE, REVOKED, Entry, HostKeyIndex
from collector.target import Target

ACCEPT_NEW, STRICT, PINNED = "accept-new", "strict", "pinned"
MODES = (ACCEPT_NEW, STRICT, PINNED)
CERTIFICATE = "-cert-v01@openssh.com"
USUAL_FILES = (Path("~/.ssh/known_hosts"), Path("~/.ssh/known_hosts2"), Path("/etc/ssh/ssh_known_hosts"))
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class HostKey:
    """A public key (or certificate) of a host: its type as in the blob ("ssh-ed25519") and the blob of RFC 4253 6.6."""

    type: str
    blob: bytes

    @classmethod
    def of(cls, blob: bytes) -> HostKey:
        """The type is the first string of the blob."""
        (length,) = struct.unpack(">I", blob[:4]) if len(blob) >= 4 else (0,)
        return cls(blob[4 : 4 + min(length, 64)].decode("ascii", "replace"), blob)

    @property
    def base64(self) -> str:
        return base64.b64encode(self.blob).decode()

    def __str__(self) -> str:
        return f"{self.type} {fingerprint(self.blob)}"


@dataclass(frozen=True, slots=True)
class HostNames:
    """Under which names a host's key is looked for. `own` is the one that is written, `shown` is for messages.

    `loose` are names without their port: a key that is known there is the host's, another key there says nothing.
    `files` stand in the place of the sweep's usual files for this host (UserKnownHostsFile of ssh_config(5)).
    """

    shown: str
    own: str
    names: tuple[str, ...]
    loose: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vouched:
    """The key may be talked to. `before` is true where it was known, or certified, before this sweep saw it."""

    before: bool


class HostKeyChanged(Stopped):
    """The host shows another key than the known one. The sweep keeps it as an event: `known` and `presented` are as
    "type SHA256:fingerprint", `places` the files and lines that hold the known ones."""

    def __init__(
        self, reason: str, remedy: str, known: tuple[str, ...], presented: str, places: tuple[str, ...]
    ) -> None:
        super().__init__(HOST_KEY_CHANGED, "key_exchange", reason, remedy, Evidence(host_key=presented))
        self.known, self.presented, self.places = known, presented, places


class OtherTypesKnown(Exception):
    """The host is known by keys of these types, and was not asked for them; it is to be asked again."""

    def __init__(self, types: tuple[str, ...]) -> None:
        super().__init__(", ".join(types))
        self.types = types


class KnownHosts:
    """All known_hosts files of one sweep; its methods may be called from many threads.

    `own` is the sweep's file, made with mode 0600 when the first key is kept; `files` are read only (UserKnownHostsFile
    and GlobalKnownHostsFile of ssh_config(5)), absent ones are passed over. `left_out` says which could not be read.
    """

    def __init__(self, own: Path, files: Sequence[Path] = USUAL_FILES, mode: str = ACCEPT_NEW) -> None:
        if mode not in MODES:
            raise ValueError(f"host keys are {', '.join(MODES)}, not {mode!r}")
        self.mode = mode
        self.left_out: list[str] = []
        self._lock = threading.Lock()
        self._own_file = own
        self._own = HostKeyIndex(own)
        self._read_to = 0
        self._indexes = [self._own]
        self._read_own()
        self._named: dict[Path, HostKeyIndex | None] = {}
        if mode != PINNED:
            self._indexes += [index for file in files if (index := self._file(file))]

    def types(self, names: HostNames) -> tuple[str, ...]:
        """Types of key to ask the host for first: what it is known by, certificates where an authority stands for it."""
        found: dict[str, None] = {}
        with self._lock:
            entries = [entry for index in self._for(names) for entry in index.named((*names.names, *names.loose))]
        if any(entry.marker == CERT_AUTHORITY for entry in entries):
            found["certificate"] = None
        for entry in entries:
            if not entry.marker:
                found[entry.type] = None
        return tuple(found)

    def vouch(self, names: HostNames, key: HostKey, asked: Sequence[str] = ()) -> Vouched:
        """May this key be talked to? Keeps a new one in mode accept-new.

        `asked` are the types that the host was asked for first. Raises HostKeyChanged, Stopped (host_key_unknown), or
        OtherTypesKnown where the host has to be asked for another type before that can be said.
        """
        with self._lock:
            return self._vouch(names, key, asked)

    def _vouch(self, names: HostNames, key: HostKey, asked: Sequence[str]) -> Vouched:
        if key.type.endswith(CERTIFICATE):
            return self._certified(names, key)
        wanted = key.base64
        all_names = (*names.names, *names.loose)
        entries = [entry for index in self._for(names) for entry in index.named(all_names)]
        for index in self._for(names):
            entries += index.hashed_with(all_names, wanted)
        self._not_revoked(names, str(key), wanted, entries)
        if any(entry.key == wanted and not entry.marker for entry in entries):
            return Vouched(before=True)
        others = [entry for index in self._for(names) for entry in index.named(names.names) if not entry.marker]
        for index in self._for(names):
            others += [entry for entry in index.hashed(names.names) if not entry.marker]
        if others:
            types = tuple(dict.fromkeys(entry.type for entry in others))
            if key.type not in types and not set(types) <= set(asked):
                raise OtherTypesKnown(types)
            raise self._changed(names, key, others)
        if self.mode != ACCEPT_NEW:
            raise self._unknown(names, key)
        return self._keep(names, key)

    def _certified(self, names: HostNames, key: HostKey) -> Vouched:
        from collector.ssh.host_certificate import HostCertificate

        certificate = HostCertificate(key.blob)
        entries = [entry for index in self._for(names) for entry in index.named((*names.names, *names.loose))]
        for authority in (key.base64, certificate.authority, certificate.key):
            self._not_revoked(names, str(key), authority, entries)
        trusted = any(e.marker == CERT_AUTHORITY and e.key == certificate.authority for e in entries)
        fault = "its authority is not the known one" if not trusted else certificate.fault(names.names, time.time())
        if fault:
            raise HostKeyChanged(
                f"{names.shown} shows the host certificate {key}, and {fault}",
                "have the host's key certified again, or correct the @cert-authority line",
                tuple(f"authority {e.type} {_fingerprint(e.key)}" for e in entries if e.marker == CERT_AUTHORITY),
                str(key),
                tuple(e.place for e in entries if e.marker == CERT_AUTHORITY),
            )
        return Vouched(before=True)

    def _for(self, names: HostNames) -> list[HostKeyIndex]:
        """The files that tell of a host, the sweep's own first."""
        if not names.files or self.mode == PINNED:
            return self._indexes
        return [self._own, *(index for file in names.files if (index := self._file(Path(file))))]

    def _file(self, file: Path) -> HostKeyIndex | None:
        """A file that is read only; None where it is absent or can not be read."""
        try:
            path = file.expanduser()
        except RuntimeError:  # the home of nobody
            return None
        if path not in self._named:
            self._named[path] = None
            try:
                if not stat.S_ISREG(path.stat().st_mode) and str(path) != os.devnull:
                    raise OSError("is no file")
                if path.stat().st_size > LARGEST_FILE:
                    raise OSError(f"larger than {LARGEST_FILE} bytes")
                text = path.read_bytes()
            except FileNotFoundError:
                return None
            except OSError as error:
                self.left_out.append(f"{path}: {error.strerror or error}")
                return None
            index = self._named[path] = HostKeyIndex(path)
            index.add(text)
        return self._named[path]

    def _not_revoked(self, names: HostNames, shown: str, key: str, entries: list[Entry]) -> None:
        for entry in entries:
            if entry.marker == REVOKED and entry.key == key:
                raise HostKeyChanged(
                    f"{names.shown} shows the key {shown}, which is revoked in {entry.place}",
                    "give the host new keys",
                    (),
                    shown,
                    (entry.place,),
                )

    def _changed(self, names: HostNames, key: HostKey, others: list[Entry]) -> HostKeyChanged:
        known = tuple(dict.fromkeys(f"{entry.type} {_fingerprint(entry.key)}" for entry in others))
        places = tuple(entry.place for entry in others)
        files = dict.fromkeys(entry.file for entry in others)
        commands = " && ".join(
            f"ssh-keygen -R {shlex.quote(name)} -f {shlex.quote(str(file))}"
            for file in files
            for name in dict.fromkeys([names.own] if file == self._own_file else names.names)
            if _names(name, [entry for entry in others if entry.file == file])
        )
        return HostKeyChanged(
            f"{names.shown} shows {key}, and was known by {', '.join(known[:_SHOWN])} ({', '.join(places[:_SHOWN])}); "
            "nothing was sent to it",
            f"find out why; if the host was set up anew: {commands}" if commands else "find out why",
            known,
            str(key),
            places,
        )

    def _unknown(self, names: HostNames, key: HostKey) -> Stopped:
        return Stopped(
            HOST_KEY_UNKNOWN,
            "key_exchange",
            f"{names.shown} shows {key}, which nobody has vouched for (mode {self.mode})",
            f"compare it with the keys on the host itself; then add the line {_line(names, key)!r} to {self._own_file}",
            Evidence(host_key=str(key)),
        )

    def _keep(self, names: HostNames, key: HostKey) -> Vouched:
        """Write the key down, unless another process was quicker; then its word counts."""
        self._own_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(self._own_file, flags, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            self._read_own()
            known = [entry for entry in self._own.named(names.names) if not entry.marker]
            if any(entry.key == key.base64 for entry in known):
                return Vouched(before=True)
            if known:
                raise self._changed(names, key, known)
            torn = self._read_to and os.pread(descriptor, 1, self._read_to - 1) != b"\n"
            line = ("\n" if torn else "") + _line(names, key) + "\n"
            os.write(descriptor, line.encode())
            self._read_own()
        finally:
            os.close(descriptor)
        return Vouched(before=False)

    def _read_own(self) -> None:
        """Take what was added to the sweep's own file since it was looked at."""
        with contextlib.suppress(FileNotFoundError), self._own_file.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size > LARGEST_FILE:
                raise ValueError(f"{self._own_file} is larger than {LARGEST_FILE} bytes; move it away")
            if size < self._read_to:  # somebody took lines out: begin anew
                self._own = HostKeyIndex(self._own_file)
                self._read_to = 0
                self._indexes[0] = self._own
            file.seek(self._read_to)
            text = file.read()
            self._own.add(text)
            self._read_to += len(text)


def host_names(target: Target) -> HostNames:
    """The names of a target. An address in a zone of its own is another host than the same address elsewhere, so it is
    kept with the zone; ssh knows no zones, so its files are asked for the target's name only."""
    if target.host_key_alias:
        alias = _written(target.host_key_alias)
        return HostNames(target.host_key_alias, alias, (alias,), files=target.known_hosts_files)
    every = dict.fromkeys(name.lower() for name in (target.name, *target.host_names) if _is_name(name))
    plain = [name for name in every if name != target.address.lower()]
    if target.zone == "default":
        own = _with_port(_written(target.address), target.port)
        plain.append(target.address.lower())
    else:
        own = _with_port(f"{quote(target.zone, safe='')}/{_written(target.address)}", target.port)
    ported = dict.fromkeys([own.lower(), *(_with_port(name, target.port) for name in plain)])
    loose = tuple(name for name in plain if target.port != 22)
    shown = f"{target.name} ({target.endpoint})" if target.name != target.address else target.endpoint
    return HostNames(shown, own.lower(), tuple(ported), loose, target.known_hosts_files)


def fingerprint(blob: bytes) -> str:
    """`SHA256:…` as ssh-keygen(1) prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def _fingerprint(key: str) -> str:
    try:
        return fingerprint(base64.b64decode(key))
    except ValueError:
        return "(malformed)"


def _with_port(name: str, port: int) -> str:
    return name if port == 22 else f"[{name}]:{port}"


def _written(name: str) -> str:
    """A name as it may stand in a line: what would be a pattern, a list, or the end of the line there is quoted."""
    return name.lower() if _is_name(name) else quote(name, safe=":", errors="backslashreplace").lower()


def _is_name(name: str) -> bool:
    return bool(name) and name.isprintable() and not set(name) & set(" ,*?![]|#@")


def _line(names: HostNames, key: HostKey) -> str:
    return f"{names.own} {key.type} {key.base64}"


def _names(name: str, entries: list[Entry]) -> bool:
    """Whether ssh-keygen -R would find one of the entries by this name (hashed ones it finds itself)."""
    return any(entry.names.startswith("|") or name in entry.names.lower().split(",") for entry in entries)

"""Identifiers composed from a subject's marks, strongest first, and ids minted by the store (model.md section 1).

An identifier is "scheme value". It counts only when all its parts are present and none is a placeholder. An IP address is
never one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any, Optional

from cmdb.model.values import bounded

_CROCKFORD = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ" + bytes(224)

WEAK = frozenset({"fqdn", "sysname"})
"""Schemes that propose and never merge by themselves."""

MAX_MARK = 1_024
"""Characters of a mark that are compared."""

ROWS = frozenset({"port", "chassis"})
"""Schemes of MACs by which a Host is found by others, and never by another Host."""

MACHINE_CONTAINERS = frozenset({"lxc", "systemd-nspawn"})
"""Containers that run like a machine, with a network of their own; others may see the network of the host below."""

NAMESPACE = "namespace"
"""What is no container of a known kind. It may see the network of the machine below; what it has of its own are interfaces whose
other end is in another network namespace."""

_PLACEHOLDER = re.compile(
    r"""(to\ be\ filled\ .*|system\ (serial|product|manufacturer|version|name).*|default(\ string)?|not\ (specified|available
    |applicable|present|defined)|none|null|n/?a|unknown|o\.?e\.?m\.?|invalid|empty|chassis\ (serial|manufacture).*
    |base\ board\ serial.*|no\ asset\ .*|asset-?.*|\.+|(?P<one>.)(?P=one)*|0123456789.*|123456789\d*|xxxx.*
    |serial(\ number)?)\Z""",
    re.IGNORECASE | re.VERBOSE,
)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
_UUID_PLACEHOLDERS = frozenset(
    {
        "03000200-0400-0500-0006-000700080009",
        "00020003-0004-0005-0006-000700080009",
        "12345678-1234-5678-90ab-cddeefaabbcc",
    }
)
_MAC = re.compile(r"([0-9a-f]{2}:){5}[0-9a-f]{2}\Z")
_SHARED_MAC = (
    "00:00:5e:00:01:",  # VRRP and CARP, RFC 5798 section 7.3
    "00:00:5e:00:02:",
    "00:00:0c:07:ac:",  # HSRP, RFC 2281
    "00:00:0c:9f:f",  # HSRP version 2
    "00:07:b4:",  # GLBP
    "00:05:73:a0:0",  # HSRP version 2 for IPv6
    "02:42:",  # docker
)
_HOST_NAMES = frozenset(
    {
        "localhost",
        "localhost.localdomain",
        "localhost4",
        "localhost6",
        "debian",
        "ubuntu",
        "raspberrypi",
        "(none)",
        "host",
    }
)


def mint(genesis: str, revision: int, count: int) -> list[str]:
    """The ids of `count` CIs that a revision creates, in the batch's canonical order.

    Each is 26 characters of Crockford base32 over the first 128 bits of SHA-256(genesis, revision, ordinal).
    """
    seed = hashlib.sha256(bytes.fromhex(genesis) + revision.to_bytes(8, "big"))
    found = bytearray()
    for ordinal in range(count):
        one = seed.copy()
        one.update(ordinal.to_bytes(8, "big"))
        found += one.digest()[:16] + b"\0\0\0\0"
    text = _base32(bytes(found))
    return [text[i : i + 26] for i in range(0, 32 * count, 32)]


def _base32(data: bytes) -> str:
    """Crockford base32 of a multiple of 5 bytes: all bits are moved at once in one large number, in a third of the time that
    base64.b32encode takes."""
    count = len(data) // 5
    wide = bytearray(8 * count)  # five bytes in each eight, of which halves, quarters and eighths are then moved apart
    for place in range(5):
        wide[3 + place :: 8] = data[place::5]
    bits = int.from_bytes(wide, "big")
    for lower, shift in ((b"\0\0\0\0\0\x0f\xff\xff", 12), (b"\0\0\x03\xff" * 2, 6), (b"\0\x1f" * 4, 3)):
        low = bits & int.from_bytes(lower * count, "big")
        bits = low | (bits ^ low) << shift
    return bits.to_bytes(8 * count, "big").translate(_CROCKFORD).decode()


def is_placeholder(value: Optional[str]) -> bool:
    """True where a serial number, product or name is what a vendor left there, not a value."""
    return not value or not value.strip() or _PLACEHOLDER.match(value.strip()) is not None


def uuid(value: Optional[str]) -> Optional[str]:
    """A DMI UUID in the form that is compared, None for a placeholder.

    Firmware and tools disagree about the byte order of its first three groups (SMBIOS 3.7, 7.2.1), so the lesser of both
    writings is taken.
    """
    text = (value or "").strip().lower()
    if not _UUID.match(text) or len(set(text.replace("-", ""))) == 1 or text in _UUID_PLACEHOLDERS:
        return None
    a, b, c, rest = text[:8], text[9:13], text[14:18], text[18:]
    swapped = "-".join(bytes.fromhex(group)[::-1].hex() for group in (a, b, c)) + rest
    return min(text, swapped)


def mac(value: Optional[str]) -> Optional[str]:
    """A MAC address that may identify, lower case; None for multicast, zeros and addresses that several devices share."""
    text = (value or "").strip().lower().replace("-", ":")
    if not _MAC.match(text) or text == "00:00:00:00:00:00" or int(text[:2], 16) & 1 or text.startswith(_SHARED_MAC):
        return None
    return text


def host_name(value: Optional[str]) -> Optional[str]:
    """A host name that may help to identify, folded; None for the defaults of installers."""
    text = (value or "").strip().rstrip(".").lower()
    return None if not text or text in _HOST_NAMES else text


def compose(class_name: str, marks: Mapping[str, Any], keyed: Optional[str] = None) -> list[list[str]]:
    """Identifiers by rank, strongest first; each rank a list (a set identifier has one row a member).

    `keyed` is the key of a class that has only that one identifier (Subnet, IPAddress, records).
    """
    if keyed is not None:
        return [[bounded(f"{class_name} {keyed}")]]
    found = _device(marks) if class_name == "NetworkDevice" else _host(marks)
    return [[bounded(identifier) for identifier in rank] for rank in found]


def scheme(identifier: str) -> str:
    """The scheme of an identifier."""
    return identifier.partition(" ")[0]


def is_machine_of(host: Iterable[str], device: Iterable[str]) -> bool:
    """True where a host has what a device's MACs are: most of those of its ports, and every one that it is called by. A few
    may be claimed by whoever has seen them."""
    theirs, rows = list(device), {i for i in host if scheme(i) in ROWS}
    ports = [i for i in theirs if scheme(i) == "port"]
    called = {f"chassis {i.partition(' ')[2]}" for i in theirs if scheme(i) in ("chassis", "bridge")}
    return 2 * len(rows.intersection(ports)) > len(ports) and called <= rows


def neighbour_key_problem(key: str) -> str:
    """Why this is no key of a device that a neighbour tells of, or an empty string where it is one: "mac" and its chassis id
    where that is a MAC, else "device" with maker and serial number, else "port" and the reporter's own port."""
    kind, _, value = key.partition(" ")
    if kind == "mac":
        return "" if mac(value) == value else "a chassis id must be a MAC that may identify, lower case with colons"
    if kind == "device":
        maker, _, number = value.partition("/")
        whole = neighbour_serial_key(maker.replace("%2F", "/"), number.replace("%2F", "/")) == key
        return "" if whole else "maker and serial number must be those of a device, as its own identifier has them"
    if kind == "port" and value:
        return ""
    return "expected 'mac' and a chassis id, 'device' with maker and serial number, or 'port' and where it is seen"


def neighbour_serial_key(maker: str, serial: str) -> Optional[str]:
    """The key of a device whose maker and serial number its neighbour tells; None where either is a placeholder."""
    number = _device_serial(serial)
    return f"device {_folded(maker)}/{number}" if number and _folded(maker) else None


def neighbour_key(chassis_mac: Optional[str], port: str) -> str:
    """The key of a device that is seen on this port of the reporter and says that this is its chassis id. One that may not
    identify (multicast, of VRRP, none at all) leaves the port."""
    address = mac(chassis_mac)
    return f"mac {address}" if address else f"port {port}"


def neighbour(key: str, reporter: str) -> str:
    """The identifier of a device that is known by a neighbour's words only; `reporter` is the CI that tells of it."""
    kind, _, value = key.partition(" ")
    if kind == "device":
        return bounded(key)
    return bounded(f"chassis {value}" if kind == "mac" else f"{NEIGHBOUR} {reporter}/{value}")


NEIGHBOUR = "neighbour"
"""Scheme of what is seen at a port of a CI: id of the CI, and the port."""


def strongest_first(identifiers: Iterable[str]) -> list[str]:
    """Identifiers by the rank of their schemes, those of one scheme in order."""
    places = {name: place for place, name in enumerate(_ORDER)}
    return sorted(identifiers, key=lambda i: (places.get(scheme(i), len(places)), i))


_ORDER = (
    *("agent", "cloud", "dmi", "machine+dmi", "machine+mac", "machine+key", "serial", "mac", "key+name"),
    *("device", "chassis", "component", "bridge", "engine", "port", "fqdn", "sysname"),
)


def missing_mark(class_name: str, marks: Mapping[str, Any]) -> str:
    """What a subject without any identifier would have to bring."""
    have = ", ".join(sorted(name for name, value in marks.items() if value)) or "nothing"
    return f"no identifier of {class_name} is complete: it brought {have}; {_NEEDED[class_name]} is needed"


_NEEDED = {
    "Host": (
        "an agent key or a MAC or an SSH host key beside the machine-id, a DMI UUID (never that of the machine below a "
        "container), or a serial number"
    ),
    "NetworkDevice": (
        "vendor and serial number, an LLDP chassis id that is a MAC or a chassis component, a bridge address, an "
        "snmpEngineID that is made of no address, or the MAC of a port"
    ),
}


def contradiction(known: Iterable[str], brought: Iterable[str]) -> str:
    """Which mark differs between a known CI's identifiers and those brought, empty where none does.

    Only marks that both sides have are compared: the agent key, the machine-id, the DMI UUID, the SSH host keys, the serial
    numbers of a device, and all MACs (model.md section 1, Contradiction).
    """
    left, right = marks_of(known), marks_of(brought)
    for name in MARKS:
        if left.get(name) and right.get(name) and not left[name] & right[name]:
            return f"{name} {_shown(left[name])} there, {_shown(right[name])} here"
    return ""


MARKS = ("agent key", "machine-id", "DMI UUID", "SSH host keys", "serial numbers", "MACs")
"""Marks of which two live hosts never have the same; see `contradiction`."""


def marks_of(identifiers: Iterable[str]) -> dict[str, set[str]]:
    """The marks (MARKS) that identifiers were composed from, by name."""
    found: dict[str, set[str]] = {}
    for identifier in identifiers:
        name, _, value = identifier.partition(" ")
        first, second = _SCHEME_MARKS.get(name, ("", ""))
        if not first:
            continue
        # A key's fingerprint is base64 and may hold "/", machine ids and host names can not.
        left, _, right = value.rpartition("/") if name == "key+name" else value.partition("/")
        found.setdefault(first, set()).add(value if name == "device" else left)
        if second:
            found.setdefault(second, set()).add(right)
    return found


def _host(marks: Mapping[str, Any]) -> list[list[str]]:
    inside = _text(marks.get("container"))
    machine = _machine_id(marks.get("machine_id"))
    # What a container reads of DMI, cloud and hardware is the machine's below it, and of every container beside it.
    dmi = None if inside else uuid(_text(marks.get("dmi_uuid")))
    serial = None if inside else _serial(_text(marks.get("system_serial")))
    cloud = None if inside else _text(marks.get("cloud_instance"))
    permanent = [] if inside else _macs(marks.get("permanent_macs"), universal=True)
    agent = _text(marks.get("agent_key"))
    keys = sorted(k for k in _texts(marks.get("ssh_host_keys")) if k.startswith("SHA256:"))
    macs = _macs(marks.get("macs"))
    name = host_name(_text(marks.get("host_name")))
    fqdn = host_name(_text(marks.get("fqdn")))
    ranks = [
        [f"agent {agent}/{machine}"] if agent and machine else [],
        [f"cloud {cloud}"] if cloud and cloud.count("/") >= 2 else [],
        [f"dmi {dmi}/{serial or ''}"] if dmi else [],
        [f"machine+dmi {machine}/{dmi}"] if machine and dmi else [],
        [f"machine+mac {machine}/{m}" for m in macs] if machine else [],
        [f"machine+key {machine}/{k}" for k in keys] if machine else [],
        [f"serial {serial}"] if serial else [],
        [f"mac {m}" for m in permanent],
        [f"key+name {k}/{name}" for k in keys] if name else [],
    ]
    rows = sorted({*macs, *permanent})
    if inside == NAMESPACE:
        rows = sorted(set(_macs(marks.get("own_macs"))).intersection(macs))
    if any(ranks) and (not inside or inside in MACHINE_CONTAINERS or inside == NAMESPACE):
        ranks += [[f"chassis {m}" for m in rows], [f"port {m}" for m in rows]]
    ranks.append([f"fqdn {fqdn}"] if fqdn and "." in fqdn else [])
    return [rank for rank in ranks if rank]


def _device(marks: Mapping[str, Any]) -> list[list[str]]:
    maker = _folded(_text(marks.get("vendor")))
    context = _folded(_text(marks.get("context")))
    serials = sorted({n for n in map(_device_serial, _texts(marks.get("serials"))) if n}) if maker else []
    name, kind = host_name(_text(marks.get("sys_name"))), _text(marks.get("sys_object_id"))
    bridge, engine = mac(_text(marks.get("bridge_address"))), engine_id(_text(marks.get("engine_id")))
    # The contexts of one chassis share its addresses; beside a serial number only the context tells them apart.
    whole = not (serials and context)
    ranks = [
        [f"device {maker}/{n}" + (f"/{context}" if context else "") for n in serials],
        _chassis(_text(marks.get("chassis_id"))) if whole else [],
        [f"bridge {bridge}"] if bridge and whole else [],
        [f"engine {engine}"] if engine and whole else [],
        [f"port {m}" for m in _macs(marks.get("macs"))] if whole else [],
        [f"sysname {name}/{kind}"] if name and kind else [],
    ]
    return [rank for rank in ranks if rank]


def _chassis(value: Optional[str]) -> list[str]:
    """The mark is "subtype value"; subtypes local, interface name and network address identify nothing."""
    subtype, _, text = (value or "").partition(" ")
    address = mac(text)
    if subtype == "mac":
        return [f"chassis {address}"] if address else []
    return [f"component {text.strip()}"] if subtype == "component" and not is_placeholder(text) else []


def engine_id(value: Optional[str]) -> Optional[str]:
    """An snmpEngineID (RFC 3411) as hex digits, None where it is made of an IP address, which is a locator."""
    text = re.sub(r"\A0x|[: ]", "", (value or "").strip().lower())
    if not re.match(r"([0-9a-f]{2}){5,32}\Z", text):
        return None
    raw = bytes.fromhex(text)
    if raw[0] & 0x80 and raw[4] in (1, 2):
        return None
    rest = raw[5:] if raw[0] & 0x80 else raw[4:]
    return text if len(set(rest)) > 1 else None


def _device_serial(value: str) -> Optional[str]:
    text = re.sub(r"\A(s/n|serial( number)?|sn)\s*[: ]\s*", "", value.strip(), flags=re.IGNORECASE)
    return None if is_placeholder(text) else text.replace("/", "%2F").upper()


def _folded(value: Optional[str]) -> str:
    return " ".join((value or "").split()).lower().replace("/", "%2F")


def _macs(value: Any, universal: bool = False) -> list[str]:
    found = sorted({m for m in map(mac, _texts(value)) if m})
    return [m for m in found if not int(m[:2], 16) & 2] if universal else found


_SCHEME_MARKS = {
    "agent": ("agent key", "machine-id"),
    "dmi": ("DMI UUID", ""),
    "machine+dmi": ("machine-id", "DMI UUID"),
    "machine+mac": ("machine-id", "MACs"),
    "machine+key": ("machine-id", "SSH host keys"),
    "key+name": ("SSH host keys", ""),
    "mac": ("MACs", ""),
    "port": ("MACs", ""),
    "device": ("serial numbers", ""),
}


def _shown(values: set[str]) -> str:
    listed = sorted(values)
    return ", ".join(listed[:3]) + (f" and {len(listed) - 3} more" if len(listed) > 3 else "")


def _machine_id(value: Any) -> Optional[str]:
    text = (_text(value) or "").strip().lower()
    return text if re.match(r"[0-9a-f]{32}\Z", text) and len(set(text)) > 1 else None


def _serial(value: Optional[str]) -> Optional[str]:
    parts = (value or "").split("/")
    return None if len(parts) < 3 or any(is_placeholder(p) for p in parts) else value


def _text(value: Any) -> Optional[str]:
    return value[:MAX_MARK] if isinstance(value, str) and value.strip() else None


def _texts(value: Any) -> list[str]:
    return [v[:MAX_MARK] for v in value if isinstance(v, str)][:1000] if isinstance(value, list) else []

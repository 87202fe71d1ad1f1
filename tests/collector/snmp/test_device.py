"""Recorded devices become what is stated of them in the store, and nothing that goes wrong in between retires anything."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.fact import Failed
from cmdb.model.identity import is_placeholder
from cmdb.states import Item
from collector.device.surveyed import Surveyed, batch
from collector.snmp import walk
from collector.snmp.device import survey
from collector.snmp.identity import identify
from collector.snmp.mibs.snmpv2_mib import System
from collector.snmp.reading import Reading
from collector.snmp.recording import Recording
from collector.snmp.section import Section
from collector.snmp.sections import SECTIONS
from collector.snmp.table import Answers, Row, Scalars, may_have
from tests.cmdb.building import START, Receiver, receiver
from tests.collector.snmp.recorded import Device, bare, devices, written
from tests.conftest import recordings_folder

pytestmark = pytest.mark.shared

KINDS = {
    "ethernetCsmacd": "physical", "gigabitEthernet": "physical", "softwareLoopback": "loopback", "ieee8023adLag": "bond",
    "l2vlan": "vlan", "l3ipvlan": "vlan", "bridge": "bridge", "tunnel": "tunnel", "propVirtual": "virtual",
}  # fmt: skip
PARTS = frozenset({"chassis", "module", "powerSupply", "fan", "storageDrive"})

_OWN_TABLE = "the recording has it in a table of the maker's own, which is not read"
_MAPPED = "the expectation's own name for it, by sysObjectID; the device says another or none"
NOT_FOUND = {
    ("arubaos-cx_10.06", "model"): "the expectation has the description of the chassis, whose model is JL635A",
    ("aos6", "interfaces"): "a text over several lines as net-snmp printed it; the expectation drops a blank",
    ("dlink_dgs-3627g", "neighbours"): "the expectation has a port id with a NUL in hex; it is '1/25'",
    ("dnos", "model"): "sysDescr and ENTITY-MIB of the recording are of two devices",
    ("eltex-mes23xx_mes2348p", "neighbours"): "the expectation adds empty brackets to the port",
    ("eltex-mes23xx_mes2348p", "storage"): _OWN_TABLE,
    ("fortigate_60f3g4g", "model"): _MAPPED,
    ("fortigate_60f3g4g", "interface_stack"): "rows that are notInService or destroyed: nothing stands there",
    ("iosxr_ncs55a2", "serial"): "the expectation has that of a module; the chassis has FOC12345I3R",
    ("jetstream_sg2218p", "addresses"): _OWN_TABLE,
    ("junos_mx5t-isis", "entities"): _OWN_TABLE,
    ("linux_icecast", "model"): _MAPPED,
    (
        "linux_icecast",
        "version",
    ): "the release of the kernel, which stands in the description; the system's version is not told",
    ("linux_icecast", "installed_software"): "a name over several lines as net-snmp printed it",
    ("procurve", "serial"): "hidden by who recorded it: '<private>' is no serial number",
    ("procurve", "model"): "the expectation has a word of sysDescr, 'Stack'; the chassis is a JL074A",
    ("schleifenbauer", "entities"): _OWN_TABLE,
    ("vmware-esxi", "storage"): "RAM disks are left out, as by the agent",
    ("vrp_5720", "serial"): "made up in another table than that of the chassis",
    ("windows_svr_2019_1809", "version"): _MAPPED,
    ("windows_svr_2019_1809", "model"): _MAPPED,
    ("windows_svr_2019_1809", "interfaces"): "ifSpeed is 1073741824, exact; the expectation took ifHighSpeed, 1073",
}
"""(device, what is stated): why it is not what the store has."""


class Partly:
    """A recording of which some tables can not be read."""

    def __init__(self, whole: Recording, broken: str, outcome: str = "timeout") -> None:
        self.whole, self.broken, self.outcome = whole, broken, outcome

    def table(self, declared: type[Row]) -> Answers:
        self._check(declared)
        return self.whole.table(declared)

    def scalars(self, *groups: type[Scalars]) -> Answers:
        for group in groups:
            self._check(group)
        return self.whole.scalars(*groups)

    def _check(self, declared: type[Row] | type[Scalars]) -> None:
        if declared.oid == self.broken:
            raise walk.Failed(self.outcome, "no answer to 3 questions")


@pytest.fixture(scope="module")
def whole() -> Iterator[tuple[Receiver, dict[str, Surveyed], dict[str, str]]]:
    """A store that has all recorded devices, what each was found as, and its id by its name."""
    recordings = recordings_folder()
    if recordings is None:
        pytest.skip("no recordings: SURVEYMARK_RECORDINGS names no folder and ../shared/data is none")
    with receiver() as cmdb:
        found = {device.name: survey(device.recording) for device in devices(recordings)}
        ids = {}
        for name, surveyed in found.items():
            receipt = cmdb.take(_batch(name, surveyed))
            ids[name] = receipt["ci"]
        yield cmdb, found, ids
        cmdb.sound()


def _batch(name: str, surveyed: Surveyed, sequence: int = 1) -> bytes:
    return batch(
        surveyed, id=f"{name} {sequence}", source=f"sweep:{name}", route="snmp", sequence=sequence, observed_at=START
    )


TRIED = ("ios_2960x", "dsm", "dlink_dgs-3627g")
"""A stack, a host of a maker with scalars of its own, and a switch whose serial number stands in a table of its maker's."""


Store = tuple[Receiver, dict[str, Surveyed], dict[str, str]]


def test_every_device_is_one_ci_of_its_own(whole: Store) -> None:
    _, found, ids = whole

    assert len(set(ids.values())) == len(found)


def test_every_stated_row_is_in_the_store(whole: Store, recordings: Path) -> None:
    cmdb, _, ids = whole

    missing: dict[tuple[str, str], list[Any]] = {}
    for device in devices(recordings):
        with cmdb.view() as view:
            root = view.items([ids[device.name]])[ids[device.name]]
            parts = view.parts(root.id)
            readings = view.readings(root.id)
        for what, row in _missing(device, root, parts, readings):
            missing.setdefault((device.name, what), []).append(row)

    unexpected = {where: rows for where, rows in missing.items() if where not in NOT_FOUND}
    assert not unexpected, unexpected
    assert set(missing) == set(NOT_FOUND)


def _missing(device: Device, root: Item, parts: list[Item], readings: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    by_class: dict[str, list[Item]] = {}
    for part in parts:
        by_class.setdefault(part.class_name, []).append(part)
    indexes = {
        row["key"]: row["readings"]["index"]
        for row in readings.get("interfaces", {}).get("items", ())
        if "index" in row["readings"]
    }
    ports = {indexes[p.name]: p for p in by_class.get("NetworkInterface", ()) if p.name in indexes}
    stated = device.stated
    yield from _identity(stated["identity"], root, parts)
    for row in stated.get("interfaces", ()):
        yield from (("interfaces", (row, why)) for why in _interface(row, ports.get(row["ifIndex"])))
    for row in stated.get("addresses", ()):
        port = ports.get(row["ifIndex"])
        held = {a.partition("/")[0]: a for a in _list(port, "addresses")}
        text = str(ipaddress.ip_address(row["address"]))
        if text not in held or (row.get("prefix") and f"/{row['prefix']}" not in held[text] and "/" in held[text]):
            yield "addresses", row
    for row in stated.get("interface_stack", ()):
        above, below = ports.get(row["above"]), ports.get(row["below"])
        if above and below and above.name not in _list(below, "lower"):  # stated the other way round
            yield "interface_stack", row
    told = [a.attributes for a in by_class.get("Adjacency", ())]
    for row in stated.get("neighbours", ()):
        if not any(_is_neighbour(row, adjacency) for adjacency in told):
            yield "neighbours", row
    vlans = {v.partition(" ")[0]: v.partition(" ")[2] for v in _list(root, "vlans")}
    for row in stated.get("vlans", ()):
        if str(row["id"]) not in vlans:
            yield "vlans", row
    made = [*by_class.get("StackMember", ()), *by_class.get("Module", ())]
    for row in stated.get("entities", ()):
        words = [row.get("serial"), row.get("name"), row.get("descr"), row.get("model")]
        if row.get("class") in PARTS and any(words) and not any(_is_part(row, part) for part in made):
            yield "entities", row
    points = [p.attributes for p in by_class.get("FileSystem", ())]
    for row in stated.get("storage", ()):
        if not any(
            row["descr"].startswith(str(p["mount_point"])) or row["descr"].endswith(str(p["mount_point"]))
            for p in points
        ):
            yield "storage", row
    names = {text for p in by_class.get("SoftwarePackage", ()) for text in _packages(p)}
    for name in stated.get("installed_software", ()):
        if name not in names:
            yield "installed_software", name
    if device.counted.get("hrProcessorLoad") and root.attributes.get("cpu_count") != len(stated["processors"]):
        yield "processors", (len(stated["processors"]), root.attributes.get("cpu_count"))


def _identity(stated: dict[str, Any], root: Item, parts: list[Item]) -> Iterator[tuple[str, Any]]:
    told = root.attributes
    for name, where in (
        ("serial", ("serial",)),
        ("version", ("os_version", "kernel_release")),
        ("model", ("product",)),
    ):
        value = stated.get(name)
        if value and not any(_alike(value, str(told.get(attribute, ""))) for attribute in where):
            yield name, (value, {attribute: told.get(attribute) for attribute in where})


def _alike(stated: str, told: str) -> bool:
    return bool(told) and (told.lower() in stated.lower() or stated.lower() in told.lower())


def _interface(row: dict[str, Any], port: Item | None) -> Iterator[str]:
    if port is None:
        yield "no such interface"
        return
    told = port.attributes
    texts = {str(told.get(n, "")) for n in ("name", "description", "alias")}
    if row.get("name") and row["name"] not in texts:
        yield f"name {texts}"
    if row.get("mac") and row["mac"].strip("0") and row["mac"] != bare(str(told.get("mac", ""))):
        yield f"mac {told.get('mac')}"
    for stated, name in (("mtu", "mtu"), ("speed_bps", "speed_bps")):
        if row.get(stated) and row[stated] != told.get(name):
            yield f"{name} {told.get(name)}"
    if row.get("admin") and (row["admin"] == "up") != told.get("enabled"):
        yield f"enabled {told.get('enabled')}"
    if row.get("oper") in {"up", "down"} and row["oper"] != told.get("link"):
        yield f"link {told.get('link')}"
    if row.get("type") in KINDS and KINDS[row["type"]] != told.get("kind"):
        yield f"kind {told.get('kind')}"


def _is_neighbour(row: dict[str, Any], told: dict[str, Any]) -> bool:
    ids = {_plain(str(told.get(n, ""))) for n in ("port_id", "port_description")}
    name = {
        _plain(str(told.get(n, ""))) for n in ("system_name", "chassis", "neighbour", "port_id", "system_description")
    }
    name |= {_plain(a) for a in told.get("addresses", ())}
    stated = _plain(row.get("remote_name") or "")
    return (
        row.get("protocol", told["protocol"]) == told["protocol"]
        and row.get("local_port") in {None, told["local_port"]}
        and (
            not row.get("remote_port")
            or written(row["remote_port"]) in {written(i) for i in ids}
            or row["remote_port"].lower() in ids
        )
        and (not stated or stated in name or any(n and (stated.startswith(n) or n.startswith(stated)) for n in name))
    )


def _plain(text: str) -> str:
    for start in ("mac ", "text ", "component ", "address "):
        text = text.removeprefix(start)
    return text.strip().lower()


def _is_part(row: dict[str, Any], part: Item) -> bool:
    told = part.attributes
    texts = {str(told.get(n, "")) for n in ("serial", "name", "description", "product")}
    return all(
        row.get(n) in texts | {None, ""}
        or str(row.get(n)).strip() in {t.strip() for t in texts}
        or is_placeholder(row.get(n))
        or "<" in str(row.get(n))
        for n in ("serial", "name", "model")
    )


def _packages(package: Item) -> Iterator[str]:
    told = package.attributes
    yield str(told["name"])
    for version in _list(package, "versions"):
        yield f"{told['name']}-{version}.{told['architecture']}"
        yield f"{told['name']}_{version}_{told['architecture']}"


def _list(item: Item | None, name: str) -> list[str]:
    found = item.attributes.get(name) if item is not None else None
    return [str(each) for each in found] if isinstance(found, list) else []


def test_a_second_look_changes_nothing(whole: Store, recordings: Path) -> None:
    cmdb, _, ids = whole
    before = cmdb.head()

    for device in devices(recordings):
        receipt = cmdb.take(_batch(device.name, survey(device.recording), 2))
        assert receipt["ci"] == ids[device.name]

    assert cmdb.head() == before


@pytest.mark.parametrize("name", TRIED)
def test_a_table_that_can_not_be_read_fails_its_sections_and_retires_nothing(name: str, recordings: Path) -> None:
    device = next(d for d in devices(recordings) if d.name == name)
    needed = {table.oid for section in SECTIONS for table in section.TABLES}
    reading = Reading(device.recording)
    needed |= {table.oid for table in identify(reading).tables}
    needed -= {t.oid for s in SECTIONS for t in s.TABLES if not may_have(t, reading.object_id)}
    with receiver() as cmdb:
        ci = cmdb.take(_batch(name, survey(device.recording)))["ci"]
        before = _state(cmdb, ci)

        for sequence, oid in enumerate(sorted(needed), 2):
            try:
                surveyed = survey(Partly(device.recording, oid, ("timeout", "invalid")[sequence % 2]))
            except walk.Failed:
                continue  # without it nobody knows what this is: nothing is told
            failed = {r.section for r in surveyed.sections if isinstance(r.outcome, Failed)}
            receipt = cmdb.take(_batch(name, surveyed, sequence))

            assert failed == {s.NAME for s in _needing(oid, surveyed)} | (
                {"device"} if oid not in _declared() else set()
            ), oid
            assert (receipt["ci"], receipt["retired"], receipt["created"], receipt["quarantined"]) == (ci, 0, 0, []), (
                oid
            )
            assert _state(cmdb, ci) == before, oid


def _needing(oid: str, surveyed: Surveyed) -> list[Section]:
    return [s for s in SECTIONS if surveyed.subject_class in s.SUBJECTS and any(table.oid == oid for table in s.TABLES)]


def _declared() -> set[str]:
    return {table.oid for section in SECTIONS for table in section.TABLES}


def _state(cmdb: Receiver, ci: str) -> Any:
    """Attributes of a CI and of all of its parts, and its relations."""
    with cmdb.view() as view:
        root = view.items([ci])[ci]
        parts = view.parts(ci)
        ids = [ci, *(part.id for part in parts)]
        return (
            root.attributes,
            [(p.id, p.attributes) for p in parts],
            [(k.key, k.attributes) for k in view.links(ids)],
        )


def test_a_device_that_does_not_say_what_it_is_tells_nothing(recordings: Path) -> None:
    device = devices(recordings)[0]

    with pytest.raises(walk.Failed, match="no answer"):
        survey(Partly(device.recording, System.oid))

"""Volume groups and logical volumes of LVM.

Source: `lvm fullreport --reportformat json --readonly`, lvm-fullreport(8), since 2.02.158, where udev knows a physical
volume or the device mapper a logical one (/sys/block/dm-*/dm/uuid, which also tells what is active). The descriptions in
/etc/lvm/backup are no proof: they stay when a group is removed. Nothing is locked.
Yields VolumeGroup and LogicalVolume; the hidden parts that mirrors and pools are made of are left out. Never looked at
inside a container.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterator
from typing import Any

from agent import containers
from agent.fact import Command, Content, Context, Files, Inapplicable, Links, Material, ParseError, Unavailable, Usual
from cmdb.model.classes.logical_volume import LogicalVolume
from cmdb.model.classes.volume_group import VolumeGroup
from cmdb.model.declaration import CI

NAME = "lvm"
VERSION = 1
CLASSES = ("LogicalVolume", "VolumeGroup")
RELATIONS: tuple[str, ...] = ()
LIMITED = False
STEADY = True
EVERY = 12

_MAPPED = Files("/sys/block/dm-*/dm/uuid", 4096)
_DESCRIBED = Links("/dev/disk/by-id/lvm-pv-uuid-*")
_REPORT = Command(
    (
        *("/usr/sbin/lvm", "fullreport", "--readonly", "--reportformat", "json", "--units", "b", "--nosuffix"),
        *("--configreport", "vg", "-o", "vg_name,vg_uuid,vg_size,vg_free"),
        *("--configreport", "pv", "-o", "pv_name,pv_uuid,pv_missing"),
        *("--configreport", "lv", "-o"),
        "lv_name,lv_uuid,lv_size,lv_layout,lv_role,pool_lv,origin,lv_health_status",
        *("--configreport", "seg", "-o", "seg_type"),
        *("--configreport", "pvseg", "-o", "pvseg_start"),
    ),
    root=True,
)
NEEDS = (*containers.NEEDS, _MAPPED, _DESCRIBED)
USUAL = (Usual(_REPORT, where="/etc/lvm/backup"),)


def further(material: Material, context: Context) -> Iterator[Command]:  # noqa: ARG001 - as every fact
    """The report is asked for where there is something to tell."""
    if not containers.container(material) and _is_used(material):
        yield _REPORT


def collect(material: Material, context: Context) -> Iterator[CI]:  # noqa: ARG001 - as every fact
    """Groups and volumes; raises Inapplicable where LVM is not in use, Unavailable where it does not tell."""
    kind = containers.container(material)
    if kind:
        raise Inapplicable(f"inside a container ({kind}) the kernel shows the volumes of the machine below")
    if not _is_used(material):
        raise Inapplicable("no device here is one of LVM")
    output = material.output(_REPORT)
    if output.status:
        said = output.stderr.decode("utf-8", "replace").strip()[:200]
        raise Unavailable(f"lvm fullreport ended with status {output.status}: {said}; LVM 2.02.158 is needed")
    return observe(parse(output.text), _mapped(material))


def parse(text: str) -> list[dict[str, list[dict[str, str]]]]:
    """Reports of groups: rows of texts by their kind (vg, pv, lv).

    Raises ParseError where it is not the JSON of lvm's, quoting its beginning.
    """
    try:
        reports = json.loads(text)["report"]
        found = [{kind: [_row(row) for row in rows] for kind, rows in report.items()} for report in reports]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ParseError(f"lvm fullreport: not understood: {text[:200]!r}") from None
    return found


def observe(reports: list[dict[str, list[dict[str, str]]]], mapped: Container[str]) -> Iterator[CI]:
    """What the CMDB should know of them. `mapped` are the uuids of active volumes, each that of its group and its own."""
    for report in reports:
        for group in report.get("vg", []):
            if group.get("vg_name"):
                yield _group(group, report.get("pv", []))
                prefix = group.get("vg_uuid", "").replace("-", "")
                for volume in report.get("lv", []):
                    if "private" not in volume.get("lv_role", "").split(","):
                        active = prefix + volume.get("lv_uuid", "").replace("-", "") in mapped
                        yield _volume(volume, group["vg_name"], active)


def _group(row: dict[str, str], volumes: list[dict[str, str]]) -> VolumeGroup:
    physical = [f"{v['pv_uuid']} missing" if v.get("pv_missing") else v["pv_uuid"] for v in volumes if v.get("pv_uuid")]
    return VolumeGroup(
        name=row["vg_name"],
        uuid=row.get("vg_uuid") or None,
        size_bytes=_number(row, "vg_size"),
        free_bytes=_number(row, "vg_free"),
        physical_volumes=physical,
        devices=[v["pv_name"] for v in volumes if v.get("pv_name", "").startswith("/")],
    )


def _volume(row: dict[str, str], group: str, active: bool) -> LogicalVolume:
    return LogicalVolume(
        volume_group=group,
        name=row.get("lv_name") or None,
        uuid=row.get("lv_uuid") or None,
        size_bytes=_number(row, "lv_size"),
        layout=row.get("lv_layout") or None,
        pool=row.get("pool_lv") or None,
        origin=row.get("origin") or None,
        active=active,
        health=row.get("lv_health_status") or None,
    )


def _is_used(material: Material) -> bool:
    return bool(material.links(_DESCRIBED)) or bool(_mapped(material))


def _mapped(material: Material) -> frozenset[str]:
    """Uuids of the volumes that the device mapper has at work; those of hidden parts have a suffix ("-tpool")."""
    texts = (content.text.strip() for content in material.files(_MAPPED).values() if isinstance(content, Content))
    return frozenset(text[4:].partition("-")[0] for text in texts if text.startswith("LVM-"))


def _row(row: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in row.items()}


def _number(row: dict[str, str], name: str) -> int | None:
    text = row.get(name, "")
    if not text:
        return None
    if not text.isdigit():
        raise ParseError(f"lvm fullreport: {name} is no number of bytes: {text[:40]!r}")
    return int(text)

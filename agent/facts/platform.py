"""What a host runs on: hypervisor, container, cloud.

Sources: marks of containers (containers.py); DMI strings in /sys/class/dmi/id; the processors' `hypervisor` flag
(/proc/cpuinfo), the kernel's clock sources and /sys/hypervisor/type; cloud-init's /run/cloud-init/instance-data.json.
No metadata service is asked over the network.
Yields Host with `virtualization`, `container`, `cloud`, `cloud_instance_id`, `cloud_region`, `cloud_instance_type`; marks
`cloud_instance` "provider/account/instance" and `container`.
Inside a container nothing is said of the machine below. Applies to Linux.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from agent import containers
from agent.fact import Context, File, Material
from cmdb.model.classes.host import Host
from cmdb.model.dataclass import dataclass
from cmdb.model.values import Value

_DMI = (
    "sys_vendor",
    "product_name",
    "product_version",
    "board_vendor",
    "bios_vendor",
    "bios_version",
    "chassis_asset_tag",
)
_CLOCKS = "/sys/devices/system/clocksource/clocksource0/available_clocksource"
_INSTANCE = "/run/cloud-init/instance-data.json"

NAME = "platform"
VERSION = 2
CLASSES = ("Host",)
RELATIONS: tuple[str, ...] = ()
LIMITED = False
EVERY = 12
STEADY = True
NEEDS = (
    *containers.NEEDS,
    *(File(f"/sys/class/dmi/id/{name}") for name in _DMI),
    File("/proc/cpuinfo", 64 * 1024 * 1024),
    File(_CLOCKS),
    File("/sys/hypervisor/type"),
    File(_INSTANCE),
)

_HYPERVISORS = (
    (r"amazon ec2", "amazon"),
    (r"google compute engine", "google"),
    (r"vmware", "vmware"),
    (r"virtualbox|innotek|oracle vm", "oracle"),
    (r"xen", "xen"),
    (r"virtual machine.*(hyper-?v|microsoft)|microsoft corporation.*virtual machine", "microsoft"),
    (r"parallels", "parallels"),
    (r"bhyve", "bhyve"),
    (r"apple virtualization", "apple"),
    (r"kvm|qemu|openstack|rhev|ovirt|red hat|nutanix|digitalocean|hetzner|alibaba cloud", "kvm"),
)
"""Words in DMI strings and the hypervisor's name as systemd-detect-virt(1) writes it."""
_CLOUDS = (
    (r"amazon", "aws"),
    (r"google", "gcp"),
    (r"7783-7084-3265-9085-8269-3286-77", "azure"),
    (r"openstack|opentelekomcloud", "openstack"),
    (r"alibaba cloud", "alibaba"),
    (r"digitalocean", "digitalocean"),
    (r"hetzner", "hetzner"),
    (r"oraclecloud", "oracle"),
    (r"scaleway", "scaleway"),
    (r"tencent cloud", "tencent"),
    (r"vultr", "vultr"),
)
_PROVIDERS = {"ec2": "aws", "gce": "gcp", "aliyun": "alibaba", "do": "digitalocean"}
_KNOWN = frozenset(cloud for _, cloud in _CLOUDS)


@dataclass(frozen=True)
class Platform:
    """`virtualization` is None where nothing tells (ARM without DMI), "none" on bare metal; `instance` is the mark."""

    virtualization: str | None
    container: str | None
    cloud: str | None
    instance: str | None
    cloud_instance: str | None = None
    cloud_region: str | None = None
    cloud_type: str | None = None


def collect(material: Material, context: Context) -> Iterator[Host]:  # noqa: ARG001 - as every fact
    yield observe(_read(material))


def marks(material: Material, context: Context) -> dict[str, Value]:  # noqa: ARG001 - as every fact
    """The cloud's name of the host, where account and instance are known; in a container that it is one, so that nothing
    that is the machine's below identifies it."""
    found = _read(material)
    told = {"cloud_instance": found.instance, "container": found.container}
    return {name: value for name, value in told.items() if value}


def parse(dmi: Mapping[str, str], cpuinfo: str, clocks: str, hypervisor: str, instance_data: str) -> Platform:
    """The platform of a host that is no container, from the texts of its files; a text that is not there is empty."""
    strings = " ".join(" ".join(value.split()) for _, value in sorted(dmi.items())).lower()
    own = " ".join(
        dmi.get(n, "").strip() for n in ("sys_vendor", "product_name", "bios_vendor", "chassis_asset_tag")
    ).lower()
    provider, account, instance = parse_instance(instance_data)
    cloud = provider or next((name for words, name in _CLOUDS if re.search(words, own)), None)
    mark = f"{provider}/{account}/{instance}" if provider and account and instance else None
    region, kind = parse_place(instance_data) if provider else ("", "")
    if (
        provider == "aws"
        and not kind
        and re.fullmatch(r"[a-z][a-z0-9\-]*\.[a-z0-9\-]+", dmi.get("product_name", "").strip())
    ):
        kind = dmi["product_name"].strip()  # Nitro writes the type there
    told = _virtualization(strings, own, cpuinfo, clocks, hypervisor.strip())
    return Platform(told, None, cloud, mark, instance or None, region or None, kind or None)


def parse_instance(text: str) -> tuple[str, str, str]:
    """Provider, account and instance from cloud-init's instance-data.json; an empty text is what it does not tell."""
    try:
        data = json.loads(text) if text else {}
    except ValueError:
        return "", "", ""
    v1 = _member(data, "v1")
    named = str(_member(v1, "cloud_id") or _member(v1, "cloud_name") or "").lower()
    provider = _PROVIDERS.get(named, named.split("-")[0])
    if provider not in _KNOWN:
        return "", "", ""
    accounts = (
        _member(data, "ds", "dynamic", "instance-identity", "document", "accountId"),
        _member(data, "ds", "meta_data", "imds", "compute", "subscriptionId"),
        _member(data, "ds", "meta_data", "project_id"),
        _member(data, "ds", "meta_data", "owner-account-id"),
    )
    account = next((a for a in accounts if isinstance(a, str) and "redacted" not in a), "")
    instance = _member(v1, "instance_id")
    return provider, account, instance if isinstance(instance, str) else ""


def parse_place(text: str) -> tuple[str, str]:
    """Region and type of an instance from cloud-init's instance-data.json; an empty text is what it does not tell."""
    try:
        data = json.loads(text) if text else {}
    except ValueError:
        return "", ""
    regions = (
        _member(data, "v1", "region"),
        _member(data, "ds", "meta_data", "imds", "compute", "location"),
        _member(data, "v1", "availability_zone"),
    )
    kinds = (
        _member(data, "ds", "meta_data", "instance-type"),
        _member(data, "ds", "meta_data", "instance_type"),
        _member(data, "ds", "meta_data", "imds", "compute", "vmSize"),
        _member(data, "ds", "dynamic", "instance-identity", "document", "instanceType"),
    )
    return tuple(  # type: ignore[return-value]
        next((f for f in found if isinstance(f, str) and f and "redacted" not in f), "") for found in (regions, kinds)
    )


def observe(platform: Platform) -> Host:
    """What the CMDB should know of it."""
    return Host(
        virtualization=platform.virtualization,
        container=platform.container,
        cloud=platform.cloud,
        cloud_instance_id=platform.cloud_instance,
        cloud_region=platform.cloud_region,
        cloud_instance_type=platform.cloud_type,
    )


def _read(material: Material) -> Platform:
    kind = containers.container(material)
    if kind:
        return Platform(None, kind, None, None)
    dmi = {name: _text(material, f"/sys/class/dmi/id/{name}") for name in _DMI}
    texts = [_text(material, path) for path in ("/proc/cpuinfo", _CLOCKS, "/sys/hypervisor/type", _INSTANCE)]
    return parse(dmi, texts[0], texts[1], texts[2], texts[3])


def _text(material: Material, path: str) -> str:
    found = material.optional(path)
    return found.text if found else ""


def _virtualization(strings: str, own: str, cpuinfo: str, clocks: str, hypervisor: str) -> str | None:
    flags = re.search(r"^flags\s*:(.*)$", cpuinfo, re.MULTILINE)
    below = flags is not None and " hypervisor" in flags[1]
    if hypervisor:
        return hypervisor
    named = next((name for words, name in _HYPERVISORS if re.search(words, strings)), None)
    if named and (below or flags is None):
        # An instance on the provider's bare metal has its vendor's DMI strings too, but no flag.
        return "microsoft" if named == "kvm" and "microsoft corporation" in own else named
    if below:
        return "kvm" if "kvm-clock" in clocks else "microsoft" if "hyperv" in clocks else "other"
    return "none" if flags is not None else None


def _member(value: Any, *path: str) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value

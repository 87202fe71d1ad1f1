"""Host: a machine that runs an operating system, physical or virtual."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class Host(CI):
    """A machine that runs an operating system of its own, physical, virtual or a container that is managed as a host."""

    name_from: ClassVar[str] = "name"
    topology: ClassVar[bool] = True
    owned: ClassVar[bool] = True
    marks: ClassVar[Mapping[str, str]] = {
        "agent_key": "str",
        "cloud_instance": "str",
        "container": "str",
        "dmi_uuid": "str",
        "machine_id": "str",
        "system_serial": "str",
        "macs": "list[str]",
        "permanent_macs": "list[str]",
        "own_macs": "list[str]",
        "ssh_host_keys": "list[str]",
        "host_name": "str",
        "fqdn": "str",
    }

    name: Optional[str] = attribute("Host name as the kernel has it (uname -n), up to the first dot.")
    fqdn: Optional[str] = attribute("Fully qualified domain name as the host's own configuration gives it.")
    os: Optional[str] = attribute("Identifier of the operating system, ID of os-release(5): debian, rhel.")
    os_name: Optional[str] = attribute("Name of the operating system for people, PRETTY_NAME of os-release(5).")
    os_version: Optional[str] = attribute("Version of the operating system, VERSION_ID of os-release(5) or finer.")
    os_codename: Optional[str] = attribute("Code name of the release, VERSION_CODENAME of os-release(5).")
    os_family: Optional[list[str]] = attribute("Systems that it is like, ID and ID_LIKE of os-release(5).")
    kernel: Optional[str] = attribute("Kernel name: Linux.")
    kernel_release: Optional[str] = attribute("Kernel release, uname -r.")
    kernel_version: Optional[str] = attribute("Kernel build, uname -v.")
    architecture: Optional[str] = attribute("Machine hardware name, uname -m.")
    cpu_model: Optional[str] = attribute("Model name of the processors.", group="sizing")
    cpu_count: Optional[int] = attribute("Logical processors that are online.", unit="processors", group="sizing")
    memory_bytes: Optional[int] = attribute("Usable physical memory.", unit="bytes", group="sizing")
    swap_bytes: Optional[int] = attribute("Swap space, 0 where swap is off.", unit="bytes")
    machine_id: Optional[str] = attribute("Identifier of the installation, machine-id(5).")
    virtualization: Optional[str] = attribute("Hypervisor that the host runs on: kvm, vmware, none.", group="sizing")
    container: Optional[str] = attribute("Container or namespace that the host lives in: lxc, docker, namespace.")
    cloud: Optional[str] = attribute("Cloud provider: aws, azure, gcp, openstack.", group="sizing")
    cloud_instance_id: Optional[str] = attribute("Number that its cloud provider gave it: i-0abc….", group="sizing")
    cloud_region: Optional[str] = attribute("Region of the cloud, else the zone: eu-central-1.", group="sizing")
    cloud_instance_type: Optional[str] = attribute("Type of the instance: m5.large, Standard_D2s_v3.", group="sizing")
    vendor: Optional[str] = attribute("Manufacturer of the system, DMI type 1.", group="hardware")
    product: Optional[str] = attribute("Product name of the system, DMI type 1.", group="hardware")
    serial: Optional[str] = attribute("Serial number of the system, DMI type 1.", group="hardware")
    dmi_uuid: Optional[str] = attribute("UUID of the system, DMI type 1, lower case.", group="sizing")
    bios_version: Optional[str] = attribute("Vendor, version and date of the firmware, DMI type 0.", group="hardware")
    chassis_serial: Optional[str] = attribute("Serial number of the enclosure, DMI type 3.", group="hardware")
    raid_controllers: Optional[list[str]] = attribute(
        "Controllers that join disks themselves: 'driver vendor:device address', in PCI's numbers.", group="hardware"
    )
    ssh_host_keys: Optional[list[str]] = attribute("SSH host keys as 'type SHA256:fingerprint'.", security=True)
    gateways: Optional[list[str]] = attribute("Default gateways, 'address dev interface'.")
    resolvers: Optional[list[str]] = attribute("DNS resolvers that the host is configured to ask.")
    search_domains: Optional[list[str]] = attribute("DNS search domains.")
    time_sources: Optional[list[str]] = attribute("Time servers and pools that the host is configured to follow.")
    balancer_pools: Optional[list[str]] = attribute(
        "Servers that its balancers pass requests on to, by pool: 'web 10.0.0.7:8080'."
    )
    proxies: Optional[list[str]] = attribute("Proxies that it is configured to go through: 'proxy.example.org:3128'.")
    log_targets: Optional[list[str]] = attribute("Servers that it sends its log to: 'tcp log.example.org:514'.")
    directories: Optional[list[str]] = attribute(
        "Directories and Kerberos servers that it asks for accounts: 'directory ldap.example.org:389'."
    )
    databases: Optional[list[str]] = attribute(
        "Databases and brokers that its configuration names by URL: 'postgresql://db.example.org:5432'."
    )
    watched_files: Optional[list[str]] = attribute("Paths and patterns whose digests are kept.", search=False)
    uptime_seconds: Optional[int] = attribute("Time since boot.", unit="seconds", reading=True)
    memory_available_bytes: Optional[int] = attribute("Memory available without swapping.", unit="bytes", reading=True)
    load_1m: Optional[str] = attribute("Load average over one minute.", reading=True)
    process_count: Optional[int] = attribute("Processes seen, kernel threads left out.", unit="processes", reading=True)

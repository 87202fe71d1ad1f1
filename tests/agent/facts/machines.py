"""What the firmware of made-up machines tells."""

from __future__ import annotations

from agent.fact import Command, Links, Missing

DMI = "/sys/class/dmi/id/"
SERVER = {
    f"{DMI}sys_vendor": "Dell Inc.\n",
    f"{DMI}product_name": "PowerEdge R740\n",
    f"{DMI}product_serial": "ABC1234\n",
    f"{DMI}product_uuid": "4C4C4544-0042-4310-8031-B3C04F333432\n",
    f"{DMI}bios_vendor": "Dell Inc.\n",
    f"{DMI}bios_version": "2.12.2\n",
    f"{DMI}bios_date": "07/09/2021\n",
    f"{DMI}chassis_serial": "ABC1235\n",
}
HIDDEN = {
    f"{DMI}{name}": Missing("denied", f"{DMI}{name} may not be read: Permission denied; run as root")
    for name in ("product_serial", "product_uuid", "chassis_serial")
}
"""What an ordinary user gets instead of the numbers."""
BOARD = {
    "/proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0",
    "/proc/device-tree/serial-number": "10000000abcdef12\0",
}
DMIDECODE = Command(("/usr/sbin/dmidecode", "-t", "0,1,3"), root=True)
PRINTED = """# dmidecode 3.4
Handle 0x0001, DMI type 1
System Information
	Manufacturer: ACME
	Product Name: Server 1
	Serial Number: S1
"""
INSIDE = {Links("/proc/self/ns/pid"): {"/proc/self/ns/pid": "pid:[4026532201]"}}
"""A pid namespace of one's own."""

"""Names of Windows by what its agent says: the build in sysDescr, and sysObjectID that tells servers from workstations.

Source: Microsoft's lists of releases. A build that is not there stays "Windows".
"""

from __future__ import annotations

import re

_WORKSTATION = "1.3.6.1.4.1.311.1.1.3.1.1"
_SERVERS = {
    3790: "Server 2003", 6001: "Server 2008", 6002: "Server 2008", 6003: "Server 2008", 7600: "Server 2008 R2",
    7601: "Server 2008 R2", 9200: "Server 2012", 9600: "Server 2012 R2", 14393: "Server 2016 (1607)",
    16299: "Server (1709)", 17134: "Server (1803)", 17763: "Server 2019 (1809)", 18362: "Server (1903)",
    18363: "Server (1909)", 19041: "Server (2004)", 19042: "Server (20H2)", 20348: "Server 2022 (21H2)",
    25398: "Server (23H2)", 26100: "Server 2025 (24H2)",
}  # fmt: skip
_WORKSTATIONS = {
    2195: "2000", 2600: "XP", 3790: "XP x64", 6000: "Vista", 6001: "Vista", 6002: "Vista", 7600: "7", 7601: "7", 9200: "8",
    9600: "8.1", 10240: "10 (1507)", 10586: "10 (1511)", 14393: "10 (1607)", 15063: "10 (1703)", 16299: "10 (1709)",
    17134: "10 (1803)", 17763: "10 (1809)", 18362: "10 (1903)", 18363: "10 (1909)", 19041: "10 (2004)", 19042: "10 (20H2)",
    19043: "10 (21H1)", 19044: "10 (21H2)", 19045: "10 (22H2)", 22000: "11 (21H2)", 22621: "11 (22H2)", 22631: "11 (23H2)",
    26100: "11 (24H2)",
}  # fmt: skip
_BUILD = re.compile(r"\(Build (\d{4,5})\b")


def name(object_id: str | None, description: str | None) -> str:
    """What people call it: "Windows Server 2019 (1809)"."""
    build = _BUILD.search(description or "")
    names = _WORKSTATIONS if object_id == _WORKSTATION else _SERVERS
    return " ".join(filter(None, ("Windows", names.get(int(build[1])) if build else None)))

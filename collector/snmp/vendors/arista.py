"""Arista: EOS (1.3.6.1.4.1.30065)."""

from __future__ import annotations

import re

from collector.snmp.vendor import Family

FAMILIES = (
    Family(
        "1.3.6.1.4.1.30065",
        "Arista",
        os="eos",
        says=(
            re.compile(r"EOS version (?P<version>\S+)"),
            re.compile(r"running on an? Arista Networks (?P<product>\S+)"),
        ),
        says_first=True,
    ),
)

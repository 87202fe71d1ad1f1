"""Names of Windows."""

from __future__ import annotations

import pytest

from collector.snmp.windows import name

AGENT = "1.3.6.1.4.1.311.1.1.3.1"


@pytest.mark.parametrize(
    ("kind", "description", "expected"),
    [
        (
            2,
            "Hardware: Intel64 - Software: Windows Version 6.3 (Build 17763 Multiprocessor Free)",
            "Windows Server 2019 (1809)",
        ),
        (3, "Software: Windows Version 6.3 (Build 9600 Multiprocessor Free)", "Windows Server 2012 R2"),
        (1, "Software: Windows Version 6.3 (Build 19045 Multiprocessor Free)", "Windows 10 (22H2)"),
        (1, "Software: Windows 2000 Version 5.1 (Build 2600 Uniprocessor Free)", "Windows XP"),
        (2, "Software: Windows Version 6.3 (Build 99999 Multiprocessor Free)", "Windows"),
        (2, "Windows", "Windows"),
    ],
)
def test_a_build_has_a_name(kind: int, description: str, expected: str) -> None:
    assert name(f"{AGENT}.{kind}", description) == expected

"""UPS-MIB."""

from __future__ import annotations

from collector.snmp.mibs.ups_mib import Ident
from collector.snmp.table import scalars
from tests.collector.snmp.recorded import answering


def test_who_made_it_and_what_it_is() -> None:
    answers = answering(("1.3.6.1.2.1.33.1.1.1/0", b"Maker"), ("1.3.6.1.2.1.33.1.1.2/0", b"UPS 3000"))

    assert scalars(Ident, answers) == Ident("Maker", "UPS 3000", None, None, None)

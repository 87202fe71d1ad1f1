"""How many raw batches this installation keeps: SURVEYMARK_RAW_DAYS and SURVEYMARK_RAW_MIB, 0 of either for none."""

from __future__ import annotations

import os
from collections.abc import Mapping

from cmdb.model.errors import UsageError
from cmdb.raw import Limits

DAYS = "SURVEYMARK_RAW_DAYS"
SIZE = "SURVEYMARK_RAW_MIB"
_MIB = 1024 * 1024


def limits(environment: Mapping[str, str] | None = None) -> Limits:
    """What the environment says, else 30 days and 1,024 MiB. Raises UsageError naming the variable."""
    given = os.environ if environment is None else environment
    usual = Limits()
    return Limits(
        _number(given, DAYS, usual.days, 36_500), _number(given, SIZE, usual.size_bytes // _MIB, 1 << 24) * _MIB
    )


def _number(given: Mapping[str, str], name: str, usual: int, most: int) -> int:
    text = given.get(name, "").strip()
    if not text:
        return usual
    if not text.isascii() or not text.isdigit() or int(text) > most:
        raise UsageError(f"{name} is {text!r:.40}: write a whole number from 0 (none are kept) to {most}.")
    return int(text)

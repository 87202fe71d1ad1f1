"""What the environment says of raw batches."""

from __future__ import annotations

import pytest

from api.raw_limits import limits
from cmdb.model.errors import UsageError
from cmdb.raw import Limits


def test_a_month_and_a_gibibyte_are_kept_unless_said_otherwise() -> None:
    assert limits({}) == Limits(30, 1 << 30)
    assert limits({"SURVEYMARK_RAW_DAYS": "7", "SURVEYMARK_RAW_MIB": "0"}) == Limits(7, 0)


@pytest.mark.parametrize("wrong", ["-1", "many", "1.5", "٣", "9" * 40])
def test_what_is_no_number_is_refused_by_name(wrong: str) -> None:
    with pytest.raises(UsageError, match="SURVEYMARK_RAW_DAYS is"):
        limits({"SURVEYMARK_RAW_DAYS": wrong})

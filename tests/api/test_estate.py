"""Both ways to an estate offer the same."""

from __future__ import annotations

import inspect

import pytest

from api.estate import Estate
from api.local_estate import LocalEstate
from api.remote_estate import RemoteEstate


@pytest.mark.parametrize("way", [LocalEstate, RemoteEstate])
def test_each_way_has_every_use_case_with_the_same_arguments(way: type) -> None:
    wanted = {name: one for name, one in vars(Estate).items() if inspect.isfunction(one) and not name.startswith("_")}
    for name, one in wanted.items():
        assert list(inspect.signature(getattr(way, name)).parameters) == list(inspect.signature(one).parameters), name

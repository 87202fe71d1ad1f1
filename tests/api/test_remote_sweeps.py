"""Records of sweeps from afar: the same answers as from the store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask_openapi3.openapi import OpenAPI

from api.local_estate import LocalEstate
from api.remote_estate import RemoteEstate
from api.service import address, server, serving
from api.settings import Settings
from cmdb.model.errors import NotFoundError, SurveymarkError
from tests.api.conftest import token
from tests.api.routes.test_batches import batch
from tests.api.routes.test_sweeps import ID, PLAN, SAID
from tests.baselines.site import Site


@pytest.fixture
def remote(app: OpenAPI, site: Site) -> Iterator[RemoteEstate]:
    settings = Settings(port=0)
    made = server(app, settings)
    with serving(made):
        yield RemoteEstate(address(made, settings), token(site, "admin"))


def test_a_sweep_is_recorded_and_read_from_afar(remote: RemoteEstate, estate: LocalEstate) -> None:
    first, again = remote.put_sweep(ID, SAID), estate.put_sweep(ID, SAID)
    assert {**first, "updated_at": ""} == {**again, "updated_at": ""}
    remote.put_sweep_targets(ID, [{"number": n, "plan": PLAN, "result": None} for n in (1, 2)])
    remote.put_sweep_targets(ID, [{"number": 2, "plan": None, "result": {"outcome": "partly", "weak": ["ssh-rsa"]}}])

    for arguments in ((), (["partly"],), (["waiting"], None, 1), ((), "1", 5), ((), None, 100, True)):
        assert remote.sweep(ID, *arguments) == estate.sweep(ID, *arguments)
    assert remote.sweeps() == estate.sweeps()
    assert remote.sweeps(None, 1) == estate.sweeps(None, 1)
    with pytest.raises(NotFoundError):
        remote.sweep("b" * 16)


def test_of_many_batches_one_that_is_refused_costs_no_other(remote: RemoteEstate, site: Site) -> None:
    found = remote.submit_many([batch(site), b"nonsense", batch(site)])

    assert [isinstance(one, SurveymarkError) for one in found] == [False, True, False]

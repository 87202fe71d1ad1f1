"""`surveymark doctor`."""

from __future__ import annotations

from collections.abc import Callable

from tests.api.conftest import Done
from tests.baselines.site import Site


def test_a_sound_store_is_status_0(surveymark: Callable[..., Done]) -> None:
    done = surveymark("doctor")
    assert done.status == 0
    assert "1 revision, each naming the one before" in done.out


def test_the_whole_chain_is_made_again_on_request(surveymark: Callable[..., Done], site: Site) -> None:
    assert "all that is kept compared with it" in surveymark("doctor", "--chain").out
    with site.store.transaction() as tx:
        tx._db.execute("UPDATE revision SET actor = 'mallory'")  # type: ignore[attr-defined]
    assert surveymark("doctor").status == 0
    assert surveymark("doctor", "--chain").status == 1


def test_a_broken_chain_is_a_finding_with_its_remedy(surveymark: Callable[..., Done], site: Site) -> None:
    with site.store.transaction() as tx:
        tx._db.execute("UPDATE revision SET previous = 'x' WHERE number = 1")  # type: ignore[attr-defined]
    done = surveymark("doctor", "--json")
    broken = [c for c in done.json["checks"] if c["outcome"] == "problem"]
    assert done.status == 1
    assert broken[0]["detail"] == "revision 1 does not follow from revision 0"
    assert broken[0]["remedy"]

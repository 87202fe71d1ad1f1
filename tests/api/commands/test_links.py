"""`surveymark links`."""

from __future__ import annotations

from collections.abc import Callable

from tests.api.conftest import Done
from tests.api.test_local_links import told
from tests.baselines.site import Site
from tests.cmdb.building import Receiver
from tests.cmdb.wired import Site as Fabric
from tests.cmdb.wired import neighbours, ports

Run = Callable[..., Done]


def test_links_are_counted_by_their_proof(surveymark: Run, site: Site) -> None:
    told(site)

    shown = surveymark("links", "--dry-run")
    done = surveymark("links")
    again = surveymark("links", "--json").json

    assert "those of 1 hosts and devices would change" in shown.err
    assert "Links: 0 confirmed, 1 one-sided, 0 inferred; 1 new, 0 changed, 0 ended." in done.err
    assert (again["created"], again["revisions"]) == (0, [])


def test_words_that_led_to_no_link_are_listed_with_the_reason(surveymark: Run, site: Site) -> None:
    word = {"local_port": "Eth1", "chassis": "text \x1b[31mghost", "port_id": "text Eth2"}
    Fabric(Receiver(site.store, "fabric")).switch("a", "00:1c:73:00:00:0a", ports("Eth1"), neighbours(word))

    done = surveymark("links")

    assert "identifies nobody that is known" in done.out
    assert "\x1b" not in done.out

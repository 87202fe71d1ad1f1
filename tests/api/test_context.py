"""What the routes of one application share."""

from __future__ import annotations

from flask_openapi3.openapi import OpenAPI

from api.app import create_app
from api.context import server
from api.settings import Settings
from tests.baselines.site import Site


def test_each_application_has_its_own(app: OpenAPI, site: Site) -> None:
    other = create_app(Settings(port=1), site.store, site.clock)
    with app.app_context():
        one = server()
    with other.app_context():
        two = server()
    assert (one.settings.port, two.settings.port) == (8765, 1)
    assert one.sessions is not two.sessions
    assert not one.estate.caller.may("read")

"""A site, its estate, its application and its command line for every test of this package."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI

from api.app import create_app
from api.caller import Caller
from api.cli import main
from api.local_estate import LocalEstate
from api.settings import Settings
from api.tokens import Tokens
from cmdb.stores.sqlite_store import SqliteStore
from tests.baselines.site import Site, packages, software, system

ADMIN = Caller("os:root", ("admin",))


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test touches the state of this machine's own installation."""
    kept = ("SURVEYMARK_TEST_", "SURVEYMARK_RECORDINGS")
    for name in [name for name in os.environ if name.startswith("SURVEYMARK_") and not name.startswith(kept)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SURVEYMARK_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("SURVEYMARK_CONFIG", str(tmp_path / "config"))
    return tmp_path / "state"


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    return tmp_path / "site.db"


@pytest.fixture
def site(store_path: Path) -> Iterator[Site]:
    """A site with one host: two packages, and a web server that listens."""
    store = SqliteStore.open(store_path)
    try:
        site = Site(store)
        site.report("web", system("web"), packages("curl=1", "vim=1"), software(80))
        yield site
    finally:
        store.close()


@pytest.fixture
def estate(site: Site) -> LocalEstate:
    return LocalEstate(site.store, ADMIN, site.clock)


@pytest.fixture
def app(site: Site) -> OpenAPI:
    return create_app(Settings(), site.store, site.clock)


@dataclass
class Api:
    """A client of the API that holds a token."""

    client: FlaskClient
    token: str

    def __call__(self, method: str, path: str, **options: Any) -> Any:
        headers = {"Host": "localhost", "Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **options)


@pytest.fixture
def api(app: OpenAPI, site: Site) -> Api:
    """An administrator."""
    return Api(app.test_client(), token(site, "admin"))


@pytest.fixture
def api_as(app: OpenAPI, site: Site) -> Callable[..., Api]:
    """Somebody with a role."""
    return lambda role, source=None: Api(app.test_client(), token(site, role, source))


def token(site: Site, role: str, source: str | None = None) -> str:
    made = Tokens(site.store, site.clock).create("os:root", f"a {role}", [role], "never", source)
    return str(made["token"])


@dataclass
class Done:
    """What a command did."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def surveymark(site: Site, store_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """The command line over the site's store, in this process."""

    def run(*arguments: str, store: str = f"sqlite://{store_path}") -> Done:
        capsys.readouterr()
        status = main([*arguments, "--store", store] if store else arguments)
        said = capsys.readouterr()
        return Done(status, said.out, said.err)

    return run


@pytest.fixture
def process() -> Callable[..., Done]:
    """The command line as a process of its own."""

    def run(*arguments: str, **environment: str) -> Done:
        done = subprocess.run(
            [sys.executable, "-c", "import sys; from api.cli import main; sys.exit(main())", *arguments],
            capture_output=True,
            text=True,
            env={**os.environ, **environment},
            cwd=Path(__file__).resolve().parents[2],
            timeout=120,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return run

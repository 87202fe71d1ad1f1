"""`surveymark serve`, as a process."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.api.conftest import Done, token
from tests.baselines.site import Site

ROOT = Path(__file__).resolve().parents[3]
COMMAND = [sys.executable, "-c", "import sys; from api.cli import main; sys.exit(main())"]


@contextmanager
def running(*arguments: str, until: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A command until it said something on standard error; ended by SIGTERM."""
    process = subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    said: list[str] = []
    assert process.stderr is not None
    try:
        for line in process.stderr:
            said.append(line)
            if until in line:
                break
        yield process, said
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
        said += [out, err]


def test_it_serves_the_store_until_it_is_told_to_end(
    site: Site, store_path: Path, surveymark: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SURVEYMARK_TOKEN", token(site, "reader"))
    store = ("--store", f"sqlite://{store_path}")
    with running("serve", "--listen", "127.0.0.1:0", *store, until="Listening on ") as (process, said):
        url = said[-1].split()[2].rstrip(";")
        found = surveymark("ci", "find", "class:Host", "--server", url, "--json", store="")
    assert found.json["items"][0]["name"] == "web"
    assert process.returncode == 0


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "192.0.2.1:8765"])
def test_plain_http_is_refused_on_any_address_but_loopback(surveymark: Callable[..., Done], listen: str) -> None:
    done = surveymark("serve", "--listen", listen)
    assert done.status == 2
    assert "--certificate" in done.err

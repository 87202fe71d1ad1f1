"""Logs as JSON."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from api.logs import log_as_json


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    stream = io.StringIO()
    log_as_json(stream)
    yield stream
    root.handlers[:], root.level = before, level


def test_a_message_is_one_line_of_ascii_whatever_is_in_it(stream: io.StringIO) -> None:
    logging.getLogger("x").warning("host %s", 'evil\n{"level":"info"}\x1b[2J\u202e')
    (line,) = stream.getvalue().splitlines()
    assert line.isascii()
    assert "\x1b" not in line
    assert json.loads(line)["message"] == 'host evil\n{"level":"info"}\x1b[2J\u202e'


def test_an_error_keeps_its_cause(stream: io.StringIO) -> None:
    try:
        raise ValueError("why")
    except ValueError:
        logging.getLogger("x").exception("failed")
    assert "ValueError: why" in json.loads(stream.getvalue())["exception"]

"""Logs as JSON, one object a line: a host's words can not make a line of their own or act on a terminal."""

from __future__ import annotations

import json
import logging
from typing import TextIO

from cmdb.model.times import iso


class JsonLine(logging.Formatter):
    """{"time", "level", "logger", "message", "exception"?} in ASCII."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": iso(int(record.created * 1_000_000)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True)


def log_as_json(stream: TextIO) -> None:
    """Send every log of this process to `stream`."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLine())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)

"""Secrets of a command: from a file of mode 0600, the environment, or a prompt; never from an argument or a URL, which every
user of the machine can read in the list of processes. Runs on Python 3.9.
"""

from __future__ import annotations

import getpass
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from agent.state import secret_file
from cmdb.model.errors import UsageError

_OPTION = re.compile(r"--(password|passwd|token|secret)(=|\Z)")
_TOKEN = re.compile(r"smt_[0-9a-f]{12}_")


def refuse(arguments: Sequence[str]) -> None:
    """Raises UsageError where an argument is, or asks for, a secret; the message does not repeat it."""
    for argument in arguments:
        if _OPTION.match(argument) or _TOKEN.search(argument):
            raise UsageError(
                "Secrets are not taken as arguments, which everybody on this machine can read: put an access token into "
                "SURVEYMARK_TOKEN or a file (chmod 600) named by --token-file, a database's password into "
                "SURVEYMARK_STORE_PASSWORD or a file named by SURVEYMARK_STORE_PASSWORD_FILE."
            )


def address(url: str, what: str) -> SplitResult:
    """A URL in its parts. Raises UsageError where it holds a password, or is no URL."""
    try:
        parts = urlsplit(url)
        password, _ = parts.password, parts.port
    except ValueError as error:
        raise UsageError(f"{what} is no URL: {error}.") from None
    if password is not None:
        raise UsageError(
            f"{what} holds a password, which would show in the list of processes and in logs: leave it out, and put it into "
            "SURVEYMARK_STORE_PASSWORD or a file (chmod 600) named by SURVEYMARK_STORE_PASSWORD_FILE."
        )
    return parts


def store_password() -> str | None:
    """The password of a database, from the environment or a file that it names; None where it says nothing."""
    given = os.environ.get("SURVEYMARK_STORE_PASSWORD")
    if given:
        return given
    named = os.environ.get("SURVEYMARK_STORE_PASSWORD_FILE")
    return secret_file(Path(named)) if named else None


def asked_password(what: str) -> str | None:
    """A password from the person at the terminal; None where there is none."""
    return asked(f"Password of {what}: ")


def asked(question: str) -> str | None:
    """What the person at the terminal answers, which is not shown; None where there is nobody."""
    return getpass.getpass(question) if sys.stdin.isatty() else None


def access_token(file: str | None) -> str:
    """The access token for a server: from `file` ("-" is standard input), else the environment."""
    if file == "-":
        return sys.stdin.readline().strip()
    if file:
        return secret_file(Path(file))
    given = os.environ.get("SURVEYMARK_TOKEN", "").strip()
    if given:
        return given
    raise UsageError(
        "The server wants an access token: SURVEYMARK_TOKEN, or a file (chmod 600) named by --token-file. "
        "`surveymark token create` on the server makes one."
    )

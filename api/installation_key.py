"""The installation's key, under which secrets are kept that a server has to know again: those of agents.

32 random bytes as hexadecimal digits in the file `installation.key` of the state folder, or the file that
SURVEYMARK_INSTALLATION_KEY_FILE names, of mode 0600; born when it is first needed. It is in no store and so in no backup of
one. What is sealed is AES-256-GCM (NIST SP 800-38D) with a nonce of its own, under a key that is derived by HKDF-SHA-256 (RFC
5869), and bound to what it is the secret of, so that it can be put in no other's place.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
import threading
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from agent.state import secret_file
from agent.whole_file import born
from api.state import state
from cmdb.model.errors import StoreError, SurveymarkError
from cmdb.ports import Randomness

FILE = "SURVEYMARK_INSTALLATION_KEY_FILE"
NAME = "installation.key"
_KEY = re.compile(r"[0-9a-f]{64}\Z")
_NONCE_BYTES = 12
_INFO = b"surveymark agents' secrets 1"


class InstallationKey:
    """Seals and opens; the file is read when something is first sealed or opened. Safe for use by several threads."""

    def __init__(self, path: Path | None = None, randomness: Randomness = secrets.token_bytes) -> None:
        self._path = path
        self._randomness = randomness
        self._lock = threading.Lock()
        self._cipher: AESGCM | None = None

    def __repr__(self) -> str:
        return "InstallationKey(…)"

    def seal(self, secret: bytes, of: str) -> str:
        """The secret of something as it may be kept."""
        nonce = self._randomness(_NONCE_BYTES)
        return base64.b64encode(nonce + self._ready().encrypt(nonce, secret, of.encode())).decode()

    def open(self, sealed: str, of: str) -> bytes:
        """The secret again. Raises StoreError where it was sealed under another key, or for something else."""
        data = base64.b64decode(sealed)
        try:
            return self._ready().decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], of.encode())
        except InvalidTag:
            raise StoreError(
                f"The secrets of agents in this store were sealed under another key than {self._file()}; put back that of the "
                f"installation which enrolled them, or name it with {FILE}. Without it agents have to be enrolled anew."
            ) from None

    def _ready(self) -> AESGCM:
        with self._lock:
            if self._cipher is None:
                key = bytes.fromhex(_read_or_bear(self._file(), self._randomness))
                self._cipher = AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=_INFO).derive(key))
            return self._cipher

    def _file(self) -> Path:
        return self._path if self._path is not None else place()


def place(environment: Mapping[str, str] | None = None) -> Path:
    """Where the key lies."""
    given = os.environ if environment is None else environment
    named = given.get(FILE, "")
    return Path(named).absolute() if named else state().made(NAME)


def _read_or_bear(path: Path, randomness: Randomness) -> str:
    """The key in the file, a new one where there is none: processes that begin at the same time have the same key."""
    try:
        born(path, randomness(32).hex().encode() + b"\n")
    except OSError as error:
        raise SurveymarkError(f"The key {path} can not be written: {error.strerror}.") from error
    key = secret_file(path)
    if not _KEY.match(key):
        raise SurveymarkError(f"{path} holds no key of an installation: 64 hexadecimal digits were expected.")
    return key

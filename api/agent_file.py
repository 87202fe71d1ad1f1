"""The one-file agent as this installation gives it out: its bytes, their SHA-256, and a detached Ed25519 signature (RFC 8032).

`python -m api.agent_file FOLDER` (script/agent) writes three files: the agent, its signature of 64 bytes, and the public key that
it is checked with (PEM, RFC 8410). The key is born in the state folder; $SURVEYMARK_AGENT_SIGNING_KEY names another file (PEM,
PKCS #8, mode 0600), as whoever signs for several installations keeps one elsewhere.
"""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from agent.one_file import NAME, build
from agent.state import secret_file
from agent.whole_file import born
from api.state import State, state
from cmdb.model.errors import SurveymarkError, UsageError

VARIABLE = "SURVEYMARK_AGENT_SIGNING_KEY"
SIGNATURE = f"{NAME}.sig"
PUBLIC_KEY = f"{NAME}.pub.pem"
_KEY = "agent-signing.key"


@dataclass(frozen=True, slots=True)
class AgentFile:
    """The file and what proves it. `public_key` is PEM."""

    data: bytes
    signature: bytes
    public_key: bytes

    @property
    def sha256(self) -> str:
        """Of the file, 64 hexadecimal digits."""
        return hashlib.sha256(self.data).hexdigest()


def agent_file(folder: Path | None = None) -> AgentFile:
    """The agent of the source that runs here, signed. `folder` is the state folder where that is not the usual one."""
    key = _signing_key(folder)
    data = build()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return AgentFile(data, key.sign(data), public)


def main(folder: str) -> int:
    """Write the three files; returns an exit status."""
    try:
        made = agent_file()
        to = Path(folder)
        to.mkdir(parents=True, exist_ok=True)
        for name, data in ((NAME, made.data), (SIGNATURE, made.signature), (PUBLIC_KEY, made.public_key)):
            (to / name).write_bytes(data)
        (to / NAME).chmod(0o755)
    except SurveymarkError as error:
        sys.stderr.write(f"{error.message}\n")
        return error.status
    except OSError as error:
        sys.stderr.write(f"{error.filename}: {error.strerror}\n")
        return 4
    sys.stdout.write(f"{made.sha256}  {to / NAME}\n")
    return 0


def _signing_key(folder: Path | None) -> Ed25519PrivateKey:
    named = os.environ.get(VARIABLE)
    path = Path(named) if named else (State(folder) if folder else state()).made(_KEY)
    try:
        if not named:
            born(path, _new_key())
        key = load_pem_private_key(secret_file(path).encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UsageError(f"{path} holds no private key in PEM without a passphrase: {error}.") from None
    except OSError as error:
        raise SurveymarkError(
            f"{path} can not be written: {error.strerror}; name another folder with SURVEYMARK_STATE."
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"{path} holds no Ed25519 key; `openssl genpkey -algorithm ed25519` makes one.")
    return key


def _new_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "dist"))

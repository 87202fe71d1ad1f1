"""SSH host keys of a host.

Sources: public halves of the host keys, /etc/ssh/ssh_host_*_key.pub (sshd(8)), or those that HostKey in sshd_config(5)
names; a fingerprint is "SHA256:" and the unpadded base64 of the key's SHA-256 (RFC 4648, as ssh-keygen -l writes it).
Yields Host with `ssh_host_keys`; mark `ssh_host_keys` (fingerprints alone). Private keys are never read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent import public_keys
from agent.fact import Content, Context, File, Files, Inapplicable, Material, Need, ParseError, Unavailable
from cmdb.model.classes.host import Host
from cmdb.model.values import Value

_CONFIG = "/etc/ssh/sshd_config"
_USUAL = Files("/etc/ssh/ssh_host_*_key.pub", limit=64 * 1024, count=100)

NAME = "ssh_host_keys"
VERSION = 1
CLASSES = ("Host",)
RELATIONS: tuple[str, ...] = ()
LIMITED = False
EVERY = 12
STEADY = True
NEEDS: tuple[Need, ...] = (_USUAL, File(_CONFIG))


def further(material: Material, context: Context) -> Iterator[Need]:  # noqa: ARG001 - as every fact
    for path in _configured(material):
        if not re.match(r"/etc/ssh/ssh_host_[^/]*_key\.pub\Z", path):
            yield File(path, limit=64 * 1024)


def collect(material: Material, context: Context) -> Iterator[Host]:  # noqa: ARG001 - as every fact
    yield observe(_read(material))


def marks(material: Material, context: Context) -> dict[str, Value]:  # noqa: ARG001 - as every fact
    """Fingerprints by which the host is known."""
    return {"ssh_host_keys": sorted({key.split(" ")[1] for key in _read(material)})}


def parse(text: str) -> str:
    """The key as "type SHA256:fingerprint", from a public key file.

    Raises ParseError where it holds no public key; quotes nothing, since it may be a private one or any other file.
    """
    words = text.split()
    try:
        key = public_keys.parse(words[0], words[1])
    except (IndexError, ParseError):
        raise ParseError(f"no public key in {len(text)} characters") from None
    return f"{key.type} {key.fingerprint}"


def observe(keys: list[str]) -> Host:
    """What the CMDB should know of it."""
    return Host(ssh_host_keys=keys)


def _read(material: Material) -> list[str]:
    found: dict[str, object] = dict(material.files(_USUAL))
    named = _configured(material)
    if named:
        # Where HostKey is set the usual files are only leftovers, but for those that it names.
        others = {path: material.optional(path) for path in named if path not in found}
        found = {path: found.get(path, others.get(path)) for path in named}
    keys: set[str] = set()
    for path, content in found.items():
        if content is None:
            continue  # a private key without its public half tells nothing
        if not isinstance(content, Content):
            raise Unavailable(getattr(content, "reason", f"{path} was not read"))
        try:
            keys.add(parse(content.text))
        except ParseError as error:
            raise ParseError(f"{path}: {error}") from None
    if not keys:
        raise Inapplicable("there are no SSH host keys: no /etc/ssh/ssh_host_*_key.pub")
    return sorted(keys)


def _configured(material: Material) -> list[str]:
    """Public halves of the keys that HostKey names; an unreadable configuration leaves the usual ones."""
    if material.missing(File(_CONFIG)):
        return []
    named = re.findall(r"^\s*HostKey[\s=]+\"?(/[^\s\"]+)", material.file(_CONFIG).text, re.MULTILINE | re.IGNORECASE)
    return [f"{path}.pub" for path in named]

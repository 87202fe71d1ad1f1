"""ConfigFile: a configuration file whose content is watched by digest."""

from __future__ import annotations

from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class ConfigFile(CI):
    """A watched file: digest, owner and mode, never its content.

    Where not everyone may read the file the digest is keyed (HMAC-SHA-256 of the file's SHA-256), so that a short secret in
    it can not be guessed from the digest.
    """

    parents: ClassVar[tuple[str, ...]] = ("Host",)
    key: ClassVar[tuple[str, ...]] = ("path",)
    name_from: ClassVar[str] = "path"

    path: Optional[str] = attribute("Absolute path.")
    digest: Optional[str] = attribute("'sha256:…' or 'hmac-sha256:…' of the content.", search=False, security=True)
    size_bytes: Optional[int] = attribute("Size; left out where the digest is keyed.", unit="bytes")
    mode: Optional[str] = attribute("Permissions, four octal digits.", security=True)
    owner: Optional[str] = attribute("Owner: name, or number where it has none.", security=True)
    owner_group: Optional[str] = attribute("Group: name, or number where it has none.", security=True)

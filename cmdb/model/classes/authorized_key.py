"""AuthorizedKey: a public key that opens an account over SSH."""

from __future__ import annotations

from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class AuthorizedKey(CI):
    """A public key that the SSH server lets in as an account; the key itself is not kept.

    A file that could not be looked at stands as an item too, as "unread" and its path, since it may let anybody in.
    """

    parents: ClassVar[tuple[str, ...]] = ("Host",)
    key: ClassVar[tuple[str, ...]] = ("account", "fingerprint")

    name: Optional[str] = attribute("For people: account and comment, else fingerprint.")
    account: Optional[str] = attribute("Account that it opens.")
    fingerprint: Optional[str] = attribute("'SHA256:…' as ssh-keygen -l writes it, or 'unread /path'.")
    type: Optional[str] = attribute("Type of the key: ssh-ed25519, ssh-rsa.", security=True)
    bits: Optional[int] = attribute("Size of an RSA key.", unit="bits", security=True)
    comment: Optional[str] = attribute("Comment behind the key, mostly whose it is.")
    options: Optional[list[str]] = attribute("Options before the key, secrets removed: from=, command=.", security=True)
    authority: Optional[bool] = attribute("True of an authority whose certificates are let in.", security=True)
    files: Optional[list[str]] = attribute("Files where it stands.", search=False)

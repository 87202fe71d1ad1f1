"""What one credential offers a host, with its secrets in hand: made as late as possible, kept as briefly."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from collector.secret import Secret

PUBLIC_KEY = "publickey"
PASSWORD = "password"  # noqa: S105 - the name of a method
KEYBOARD_INTERACTIVE = "keyboard-interactive"


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A private key: the file as OpenSSH or PEM has it, what opens it, and an OpenSSH certificate that goes with it."""

    path: Path
    passphrase: Secret | None = None
    certificate: Path | None = None


@dataclass(frozen=True, slots=True)
class Login:
    """One account and the ways to prove it.

    `credential_name` stands in messages in the place of everything else. `use_agent` lets keys of the ssh-agent at
    SSH_AUTH_SOCK sign; the agent itself is never forwarded. `password` goes by the method "password",
    `keyboard_interactive` answers the one hidden prompt of that method. `sudo` is what `sudo -S` may be told,
    and `may_elevate` false where neither sudo nor doas is to be used at all,
    `by_doas` true where it is doas.
    `names_range` is true where the credential names the target's range itself, so that passwords may be offered to a
    host key that nobody has seen before.
    """

    credential_name: str
    user: str
    keys: tuple[KeyFile, ...] = ()
    use_agent: bool = False
    password: Secret | None = None
    keyboard_interactive: Secret | None = None
    sudo: Secret | None = None
    names_range: bool = False
    may_elevate: bool = True
    by_doas: bool = False

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods of RFC 4252 and RFC 4256 that it can try, in the order in which they are tried."""
        return (
            *((PUBLIC_KEY,) if self.keys or self.use_agent else ()),
            *((PASSWORD,) if self.password is not None else ()),
            *((KEYBOARD_INTERACTIVE,) if self.keyboard_interactive is not None else ()),
        )

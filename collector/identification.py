"""What a server says first: the identification string of SSH.

Source: RFC 4253 section 4.2. The line `SSH-protoversion-softwareversion SP comments CR LF` has at most 255 bytes with its
end; a server may send other lines before it, which do not begin with "SSH-". Nothing has to be sent to get it.
"""

from __future__ import annotations

from dataclasses import dataclass

from collector.outcome import ALGORITHMS, NO_SSH, REFUSED, TIMED_OUT, Evidence, Stopped

LONGEST_LINE = 255
LONGEST_GREETING = 8192
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Identification:
    """The line without its end, and the bytes that came behind it already."""

    line: bytes
    rest: bytes

    @property
    def version(self) -> str:
        """The line as text, for evidence."""
        return visible(self.line, LONGEST_LINE)


class Greeting:
    """Takes what comes until the identification is complete."""

    __slots__ = ("_bytes",)

    def __init__(self) -> None:
        self._bytes = b""

    def take(self, more: bytes) -> Identification | None:
        """The identification once it is complete. Raises Stopped (no_ssh, refused, algorithms) where it can be none."""
        self._bytes += more
        start = 0
        while (end := self._bytes.find(b"\n", start)) >= 0:
            line = self._bytes[start:end]
            if line.startswith(b"SSH-"):
                return self._checked(line.removesuffix(b"\r"), self._bytes[end + 1 :])
            start = end + 1
        last = self._bytes[start:]
        if (last.startswith(b"SSH-") and len(last) > LONGEST_LINE) or len(self._bytes) > LONGEST_GREETING:
            raise self._no_ssh("no SSH identification")
        return None

    def ended(self) -> Stopped:
        """Why the far side's end of the connection is the end of the way."""
        if self._bytes.startswith(b"Exceeded MaxStartups"):
            return Stopped(
                REFUSED,
                "banner",
                "the server takes no more connections that are not signed in (Exceeded MaxStartups)",
                "sweep again later, or raise MaxStartups in the target's sshd_config",
            )
        if not self._bytes:
            return Stopped(
                NO_SSH,
                "banner",
                "the connection was closed without a word",
                "check that sshd serves this port, and that no access list (hosts.deny, MaxStartups, fail2ban) closes it",
            )
        return self._no_ssh("the connection was closed before an SSH identification")

    def timed_out(self, seconds: float) -> Stopped:
        """Why silence is the end of the way."""
        if self._bytes and not self._bytes.startswith(b"SSH-"):
            return self._no_ssh("no SSH identification")
        said = f"only {visible(self._bytes)} was said" if self._bytes else "nothing was said"
        return Stopped(
            TIMED_OUT,
            "banner",
            f"connected, but {said} in {seconds:g} s",
            "check that the port is the one of sshd, or allow a slow host more time for its banner",
        )

    def _no_ssh(self, what: str) -> Stopped:
        return Stopped(
            NO_SSH, "banner", f"{what}; what answered began with {visible(self._bytes)}", "check the port of the target"
        )

    def _checked(self, line: bytes, rest: bytes) -> Identification:
        printable = all(0x20 <= byte < 0x7F for byte in line)
        if len(line) + 2 > LONGEST_LINE or not printable or line.count(b"-") < 2:
            raise self._no_ssh("the SSH identification is malformed (RFC 4253 section 4.2)")
        protocol = line.split(b"-", 2)[1]
        if protocol not in (b"2.0", b"1.99"):
            raise Stopped(
                ALGORITHMS,
                "banner",
                f"it speaks SSH {visible(protocol)} only, which is broken and not spoken here",
                "update the target's SSH server",
                Evidence(ssh_version=visible(line, LONGEST_LINE)),
            )
        return Identification(line, rest)


def visible(text: bytes, longest: int = _SHOWN) -> str:
    """Printable ASCII as it is, every other byte as \\xNN, cut with an ellipsis."""
    shown = "".join(chr(b) if 0x20 <= b < 0x7F and b != 0x5C else f"\\x{b:02x}" for b in text[:longest])
    return shown + ("…" if len(text) > longest else "")

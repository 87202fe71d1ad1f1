"""What stands in for a session in tests of the script: real shells of this machine and of lab hosts, and a look at a host
by both routes."""

from __future__ import annotations

import os
import pickle
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from agent.fact import Context, Shell
from agent.facts import FACTS
from agent.report import section
from agent.run import observe_pass
from agent.shell import LocalShell
from collector.execution import Executed
from collector.secret import Secret

KEY = b"k" * 32
NOBODY = 65534
STABLE = (
    "accounts",
    "config_files",
    "cpu",
    "dependencies",
    "groups",
    "hardware",
    "hardware_identity",
    "identity",
    "kernel",
    "memory",
    "os_release",
    "packages_dpkg",
    "platform",
    "ssh_host_keys",
    "sshd",
)
"""Sections that two looks at a busy machine give alike."""

Look = Mapping[str, tuple[str, str, str, list[bytes | None]]]
"""Outcome, reason, privilege and body lines by section."""


class Here:
    """Execute by a shell of this machine.

    `shell` takes the place of /bin/sh, `uid` that of the account; `within` is a command in front of it all (nsenter);
    `change` gets the script before it is sent.
    """

    def __init__(
        self,
        shell: str = "/bin/sh",
        *,
        uid: int = 0,
        login: Sequence[str] = ("/bin/sh", "-c"),
        within: Sequence[str] = (),
        change: Callable[[bytes], bytes] = lambda text: text,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.shell, self.uid, self.login, self.within, self.change = shell, uid, login, list(within), change
        self.environment = dict(environment or {"PATH": os.environ["PATH"]})
        self.sent: list[bytes] = []
        self.commands: list[str] = []
        self.answers: list[bytes] = []

    def __call__(
        self,
        command: str,
        stdin: bytes,
        *,
        limit: int,
        seconds: float,
        prompt: bytes = b"",
        answer: Secret | None = None,
    ) -> Executed:
        self.sent.append(stdin)
        self.commands.append(command)
        become = ["setpriv", f"--reuid={self.uid}", f"--regid={self.uid}", "--clear-groups"] if self.uid else []
        process = subprocess.Popen(
            [*self.within, *become, *self.login, command.replace("/bin/sh -s", f"{self.shell} -s")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment,
            start_new_session=True,
        )  # fmt: skip
        with process:
            if answer is None:
                out, err = process.communicate(self.change(stdin), seconds)
            else:
                out, err = self._converse(process, self.change(stdin), prompt, answer)
        return Executed(out[:limit], err, process.returncode, len(out) > limit)

    def _converse(
        self, process: subprocess.Popen[bytes], stdin: bytes, prompt: bytes, answer: Secret
    ) -> tuple[bytes, bytes]:
        """As the protocol says: an answer for each number, and the end of input where a number comes again."""
        import re
        import selectors

        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(stdin)
        process.stdin.flush()
        got: dict[int, bytes] = {process.stdout.fileno(): b"", process.stderr.fileno(): b""}
        answered = 0
        numbers: set[bytes] = set()
        with selectors.DefaultSelector() as selector:
            for fd in got:
                selector.register(fd, selectors.EVENT_READ)
            while selector.get_map():
                for key, _ in selector.select(60):
                    data = os.read(key.fd, 65536)
                    if not data:
                        selector.unregister(key.fd)
                    got[key.fd] += data
                asked = re.findall(re.escape(prompt) + rb"(\d+):", got[process.stderr.fileno()])
                for number in asked[answered:]:
                    answered += 1
                    if number in numbers:
                        process.stdin.close()
                        continue
                    numbers.add(number)
                    if not process.stdin.closed:
                        process.stdin.write(answer.reveal().encode() + b"\n")
                        process.stdin.flush()
                        self.answers.append(number)
        if not process.stdin.closed:
            process.stdin.close()
        out, err = got.values()
        return out, err


def look(shell: Shell, facts: Iterable[str] = FACTS) -> Look:
    """All sections of a pass."""
    context = Context(digest_key=KEY, observed_at_us=1_700_000_000_000_000)
    results, marks = observe_pass(shell, context, [FACTS[name] for name in facts])
    found = {r.section: (s.outcome, s.reason, s.privilege, s.bodies) for r in results for s in [section(r)]}
    return {**found, "marks": ("", repr(sorted(marks.items())), "", [])}


def local_look(uid: int = 0, facts: Iterable[str] = FACTS) -> Look:
    """What the agent sees here, as another account too."""
    return cast(Look, as_user(uid, lambda: look(LocalShell(), facts)))


def as_user(uid: int, do: Callable[[], Any]) -> Any:
    """What a function gives when it is called by a process of another account."""
    if not uid:
        return do()
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
            with os.fdopen(writer, "wb") as out:
                pickle.dump(do(), out)
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as back:
        found = pickle.load(back)
    os.waitpid(pid, 0)
    return found


def only(found: Look, names: Iterable[str]) -> Look:
    return {name: found[name] for name in names}

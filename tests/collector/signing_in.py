"""A program for the search for secrets: it signs in to hosts with all kinds of credentials, well and badly, as a sweep does,
logs everything that can be logged, and prints every trace that can be printed, with the values of all variables.

Run on a host of its own: python -m tests.collector.signing_in ADDRESS PORT...
"""

from __future__ import annotations

import faulthandler
import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import paramiko
from paramiko.channel import Channel
from paramiko.packet import Packetizer

from api.sweep_files import sweep_files
from collector.outcome import Stopped
from collector.ssh import auth_messages, command, signers
from collector.ssh.known_hosts import KnownHosts
from collector.ssh.session import Session, connect
from collector.ssh.wire import Wire
from collector.target import Target


def main(address: str, *ports: str) -> None:
    logging.basicConfig(level=logging.DEBUG, filename="debug.log")
    # The session keeps paramiko quiet; here it says all that it has to say.
    Wire._log = lambda self, level, text, *more: logging.getLogger("paramiko").log(level, "%s %s", text, more)  # type: ignore[method-assign]
    trace = open("faults.log", "w")  # noqa: SIM115 - open as long as the process
    faulthandler.enable(trace)
    files = sweep_files()
    offers = files.offers()
    known = KnownHosts(files.state.folder / "known_hosts", ())

    def sign_in(credential: str, port: str) -> Session:
        target = Target(credential, address, int(port), credentials=(credential,))
        return connect(target, offers.logins(target), known, budget=offers.budget)

    for port in ports:
        for name in ("key", "password", "asked", "badkey", "wrong", "wrong", "wrong", "wrong", "missing"):
            try:
                with sign_in(name, port) as host:
                    print(name, "in", host.execute("id -un", b"", limit=1000, seconds=20).stdout.decode().strip())
                    for secret in (host.login.sudo, host.login.password):
                        if secret is not None:
                            done = host.execute(
                                "sudo -S -k -p PROMPT1: id -un",
                                b"",
                                limit=1000,
                                seconds=20,
                                prompt=b"PROMPT",
                                answer=secret,
                            )
                            print(name, "sudo", done.status, done.stdout.decode().strip())
            except Stopped as stop:
                print(name, stop.outcome, stop.reason, stop.remedy)
                told(stop)
        # Mistakes of our own, while a secret is under way.
        for broken, attribute in (
            (auth_messages.AuthMessages, "_say"),
            (command, "run"),
            (Wire, "_send_message"),
            (Packetizer, "send_message"),
            (Channel, "send"),
            (signers, "_open"),
            (signers, "FileSigner"),
        ):
            with breaking(broken, attribute):
                try:
                    with sign_in("password", port) as host:
                        host.execute("cat", b"", limit=10, seconds=5, prompt=b"PROMPT", answer=host.login.password)
                except Exception as error:  # noqa: BLE001 - whatever it is, it is told
                    told(error)
                for name in ("asked", "key", "badkey"):
                    try:
                        with sign_in(name, port) as host:
                            host.execute(
                                "sudo -S -k -p PROMPT1: id",
                                b"",
                                limit=9,
                                seconds=5,
                                prompt=b"PROMPT",
                                answer=host.login.sudo,
                            )
                    except Exception as error:  # noqa: BLE001 - as above
                        told(error)
        faulthandler.dump_traceback(trace, all_threads=True)
    files.attempts().forget()
    print(offers.credentials.entries, [offers.logins(Target(n, address, credentials=(n,))) for n in ("password",)])


@contextmanager
def breaking(thing: Any, name: str) -> Iterator[None]:
    """`thing.name` fails for messages with a secret (RFC 4252 section 8, RFC 4256 section 3.4), and for all that is none."""
    whole = getattr(thing, name)

    def broken(*arguments: Any, **named: Any) -> Any:
        message = arguments[1] if len(arguments) > 1 else None
        if isinstance(message, paramiko.Message) and not has_secret(message):
            return whole(*arguments, **named)
        raise ZeroDivisionError(f"a mistake of ours in {name}")

    setattr(thing, name, broken)
    try:
        yield
    finally:
        setattr(thing, name, whole)


def has_secret(message: paramiko.Message) -> bool:
    content = message.asbytes()
    return content[0] == 61 or (content[0] == 50 and b"\x08password\x00" in content)


def told(error: BaseException) -> None:
    """The error as the most talkative of tracebacks tells it, and as logs do."""
    logging.getLogger("surveymark").error("a sweep ended badly", exc_info=error)
    lines = traceback.TracebackException.from_exception(error, capture_locals=True).format(chain=True)
    sys.stderr.write("".join(lines))
    print(repr(error), error.args)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A host of its own for test_software.py: run as the first process of fresh network and pid namespaces.

Without argument it starts a server, a load of short-lived processes, and an observer that looks twice and prints what it
saw.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from agent.fact import Collected, Context
from agent.facts import flows, software
from agent.run import collect_pass
from agent.shell import LocalShell


def _serve(port: int) -> None:
    """Listens on a fixed port, and connects to itself as a client would."""
    with socket.create_server(("127.0.0.1", port)) as server, socket.create_connection(("127.0.0.1", port)) as client:
        accepted, _ = server.accept()
        with accepted, socket.create_server(("127.0.0.1", 0)):
            print("ready", flush=True)
            sys.stdin.read()
            client.close()


def _seen() -> tuple[dict[str, list], list]:
    shell = LocalShell()
    results = collect_pass(shell, Context(own_pids=shell.own_pids), [software, flows])  # type: ignore[list-item]
    first, second = (r.outcome for r in results)
    assert isinstance(first, Collected)
    assert isinstance(second, Collected)
    items = sorted((type(i).__name__, i.local_key()) for i in first.items)
    values = [i.attributes() for i in first.items]
    edges = [[r.subject, r.object] for r in first.relations]
    talks = [[r.object, r.readings["count"]] for r in second.relations]
    return {"items": items, "values": values, "edges": edges}, talks


def _main() -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    server = subprocess.Popen(
        [sys.executable, __file__, "7001"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    assert server.stdout is not None
    server.stdout.readline()
    load = subprocess.Popen(
        ["/bin/sh", "-c", "while :; do /bin/true; /bin/ls / >/dev/null; done"], start_new_session=True
    )
    subprocess.run([sys.executable, __file__, "observe"], check=True)
    load.kill()
    server.kill()


def _observe() -> None:
    first, talks = _seen()
    second, _ = _seen()
    text = subprocess.run(["ss", "-Hltn"], check=True, capture_output=True, text=True).stdout
    rows = [line.split()[3].rpartition(":") for line in text.splitlines()]
    listed = sorted(f"tcp/{host}/{port}" for host, _, port in rows if int(port) < 32768)
    print(json.dumps({"first": first, "second": second, "listed": listed, "flows": talks}))


if __name__ == "__main__":
    if len(sys.argv) == 1:
        _main()
    elif sys.argv[1] == "observe":
        _observe()
    else:
        _serve(int(sys.argv[1]))

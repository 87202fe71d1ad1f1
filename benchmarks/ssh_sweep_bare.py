"""The bare limit of a sweep: the script that it sends, sent by paramiko from as many threads, its output thrown away.

    python -m benchmarks.ssh_sweep_bare PLACE WORKERS

PLACE is the folder that ssh_sweep.py prepares. Nothing is parsed, checked or stored, no host key is looked at.
"""

from __future__ import annotations

import re
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import paramiko

from collector.ssh.printing import print_script
from collector.ssh.script import command

PORT = 22


def main() -> None:
    """Send it to all hosts; prints how many bytes came back."""
    place, workers = Path(sys.argv[1]), int(sys.argv[2])
    inventory = (place / "hosts.ini").read_text()
    addresses = re.findall(r"ansible_host=(\S+)", inventory)
    key = paramiko.Ed25519Key.from_private_key_file(re.findall(r"ssh_private_key_file=(\S+)", inventory)[0])
    script = print_script().encode()
    with ThreadPoolExecutor(workers) as pool:
        sizes = list(pool.map(lambda address: _sent(address, key, script), addresses))
    print(f"{len(sizes)} hosts, {sum(sizes)} bytes")


def _sent(address: str, key: paramiko.PKey, script: bytes) -> int:
    with socket.create_connection((address, PORT), 10) as connection:
        transport = paramiko.Transport(connection)
        options = transport.get_security_options()
        options.kex = ["curve25519-sha256@libssh.org"]
        options.key_types = ["ssh-ed25519"]
        try:
            transport.start_client(timeout=20)
            transport.auth_publickey("root", key)
            channel = transport.open_session(window_size=2**24)
            channel.exec_command(command("bare"))
            channel.sendall(script)
            channel.shutdown_write()
            size = 0
            while data := channel.recv(65536):
                size += len(data)
            return size
        finally:
            transport.close()


if __name__ == "__main__":
    main()

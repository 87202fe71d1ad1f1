"""A mount that does not answer: FUSE (linux/fuse.h, protocol 7) whose server takes every request and answers none but the first.

    unshare --mount --propagation private python -m tests.servers.hung_mount FOLDER PROGRAM [ARGUMENT...]

Runs the program while the mount is there, in a mount namespace that nobody else sees; its status is ours. Whoever waits for the
mount can not even be killed, until the server ends.
"""

from __future__ import annotations

import ctypes
import os
import struct
import subprocess
import sys
from pathlib import Path

_IN = struct.Struct("<IIQQIIII")  # fuse_in_header: length, opcode, unique, node, uid, gid, pid, padding
_OUT = struct.Struct("<IiQ")  # fuse_out_header: length, error, unique
_INIT = 26


def main() -> int:
    folder, *program = sys.argv[1:]
    fuse = os.open("/dev/fuse", os.O_RDWR)
    libc = ctypes.CDLL(None, use_errno=True)
    options = f"fd={fuse},rootmode=40000,user_id=0,group_id=0"
    if libc.mount(b"hung", os.fsencode(folder), b"fuse.hung", 0, options.encode()):
        raise OSError(ctypes.get_errno(), f"no mount at {folder}")
    server = os.fork()
    if server == 0:
        _serve(fuse)
    os.close(fuse)
    try:
        return subprocess.run(program, check=False).returncode
    finally:
        os.kill(server, 9)  # the kernel then breaks off what waits
        os.waitpid(server, 0)


def _serve(fuse: int) -> None:
    while True:
        request = os.read(fuse, 256 * 1024)
        _, opcode, unique, *_ = _IN.unpack_from(request)
        if opcode == _INIT:
            body = struct.pack("<IIIIHHIIHHI28x", 7, 31, 65536, 0, 12, 9, 65536, 1, 1, 0, 0)
            os.write(fuse, _OUT.pack(_OUT.size + len(body), 0, unique) + body)


def available() -> bool:
    """True where the kernel has FUSE and we may mount."""
    return os.geteuid() == 0 and Path("/dev/fuse").exists()


if __name__ == "__main__":
    sys.exit(main())

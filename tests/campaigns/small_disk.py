"""A file system of a few megabytes in a mount namespace of its own, that can be filled and made read-only under a process."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class SmallDisk:
    """A tmpfs at `folder`, seen only by commands that are run by `inside`."""

    def __init__(self, folder: Path, size: str) -> None:
        self.folder = folder
        unshare = [shutil.which("unshare") or "unshare", *_as_root(), "--mount"]
        mount = f'mount -t tmpfs -o size={size} tmpfs "{folder}" && echo mounted && exec cat'
        # It keeps the namespace; it ends with its standard input, however this process ends.
        self._keeper = subprocess.Popen(
            [*unshare, "sh", "-c", mount],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._keeper.stdout is not None
        if self._keeper.stdout.readline() != "mounted\n":
            self.close()
            raise OSError("neither root nor user namespaces: a small disk can not be mounted")
        entering = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        self.inside = ["nsenter", "--target", str(self._keeper.pid), *entering, "--mount"]

    def do(self, script: str) -> str:
        """Run a shell script inside, in the folder; returns what it printed."""
        command = [*self.inside, "sh", "-c", f'cd "{self.folder}" && {script}']
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def fill(self, but: int = 0) -> None:
        """Leave so many bytes free, in pages."""
        self.do(f"head -c {but} /dev/zero >room; cat /dev/zero >filling 2>/dev/null; rm room")

    def free(self) -> None:
        self.do("rm -f filling")

    def read_only(self, yes: bool) -> None:
        self.do(f'mount -o remount,{"ro" if yes else "rw"} "{self.folder}"')

    def close(self) -> None:
        for stream in (self._keeper.stdin, self._keeper.stdout, self._keeper.stderr):
            if stream is not None:
                stream.close()
        self._keeper.wait()


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[SmallDisk]:
    """One at an empty folder, `size` as tmpfs(5) has it. Raises OSError where nothing may be mounted."""
    folder.mkdir(exist_ok=True)
    disk = SmallDisk(folder, size)
    try:
        yield disk
    finally:
        disk.close()


def _as_root() -> list[str]:
    return [] if os.geteuid() == 0 else ["--map-root-user"]

"""A thread that the kernel refuses some system calls, as a file system without hard links does (seccomp(2))."""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

CALL = {"x86_64": {"link": 86, "linkat": 265, "renameat2": 316}, "aarch64": {"linkat": 37, "renameat2": 276}}
"""Numbers of system calls by machine."""

known_here = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in CALL, reason="the numbers of its system calls are not known"
)

_T = TypeVar("_T")
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def without(names: tuple[str, ...], work: Callable[[], _T]) -> _T:
    """Do the work in a thread of its own in which these calls end with EPERM, as link(2) does without hard links."""
    calls = [CALL[platform.machine()][name] for name in names if name in CALL[platform.machine()]]

    def alone() -> _T:
        _refuse(calls)
        return work()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(alone).result()


def _refuse(calls: list[int]) -> None:
    """From now on, and in this thread only."""
    steps = [struct.pack("HBBI", _LOAD, 0, 0, 0)]
    for call in calls:
        steps += [struct.pack("HBBI", _EQUAL, 0, 1, call), struct.pack("HBBI", _RETURN, 0, 0, _ERROR | errno.EPERM)]
    steps.append(struct.pack("HBBI", _RETURN, 0, 0, _ALLOW))
    libc = ctypes.CDLL(None, use_errno=True)
    program = _Program(len(steps), b"".join(steps))
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or libc.prctl(_SECCOMP, _FILTER, ctypes.byref(program), 0, 0):
        raise OSError(ctypes.get_errno(), "the kernel takes no filter")

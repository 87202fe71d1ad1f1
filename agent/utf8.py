"""Names and texts of a host are UTF-8 to the agent, whatever locale it was started in.

Python decodes names of files by the locale of its process (PEP 383); in one of ISO 8859-1 the same name would be another one.
UTF-8 mode (PEP 540) ends that, and can only be had at the start, so the program is started anew in it.
"""

from __future__ import annotations

import os
import sys


def ensure() -> None:
    """Returns where names are UTF-8; otherwise this process begins anew, with its arguments as they were."""
    if sys.getfilesystemencoding() == "utf-8" or "utf8" in sys._xoptions:
        return
    try:
        with open("/proc/self/cmdline", "rb") as file:
            arguments = file.read().split(b"\0")[:-1]
    except OSError:
        return
    if arguments and sys.executable:
        # An option and no variable: isolated mode (-I), in which a service runs, hears none.
        os.execv(sys.executable, [arguments[0], b"-X", b"utf8", *arguments[1:]])  # noqa: S606 - this very program

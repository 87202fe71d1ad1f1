"""`python -m agent`: the commands of the host's side, and of the one-file agent."""

from __future__ import annotations

import sys

from agent.command_line import main

if __name__ == "__main__":
    sys.exit(main())

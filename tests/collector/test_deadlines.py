from __future__ import annotations

import pickle

from collector.deadlines import Deadlines


def test_deadlines_travel_with_a_sweep() -> None:
    deadlines = Deadlines(connect=1.5)

    assert pickle.loads(pickle.dumps(deadlines)) == deadlines
    assert deadlines.total >= deadlines.command

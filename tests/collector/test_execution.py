from collector.execution import Executed


def test_what_came_back_is_whole_unless_it_was_cut() -> None:
    assert not Executed(b"out", b"err", 0).cut
    assert Executed(b"out", b"", None, cut=True).cut

import copy
import pickle

import pytest

from collector.secret import Secret


def test_a_secret_shows_as_dots_wherever_it_is_printed() -> None:
    secret = Secret("hunter2")
    shown = [repr(secret), str(secret), f"{secret}", f"{secret:>20}", f"{[secret]}", f"{secret!r}"]
    assert not any("hunter2" in text for text in shown)
    assert secret.reveal() == "hunter2"


def test_a_secret_is_compared_as_a_whole_and_never_written_down() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    with pytest.raises(TypeError, match="never written down"):
        pickle.dumps(Secret("a"))
    with pytest.raises(TypeError, match="never written down"):
        copy.copy(Secret("a"))
    with pytest.raises(TypeError):
        hash(Secret("a"))

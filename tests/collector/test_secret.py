import contextlib
import copy
import pickle
import traceback

import pytest

from collector.secret import Forgetting, Secret


def test_a_secret_shows_as_dots_wherever_it_is_printed() -> None:
    secret = Secret("hunter2")
    shown = [repr(secret), str(secret), f"{secret}", f"{secret:>20}", f"{[secret]}", f"{secret!r}"]
    assert not any("hunter2" in text for text in shown)
    assert secret.reveal() == "hunter2"


def test_a_call_with_a_secret_in_hand_that_fails_shows_it_in_no_traceback() -> None:
    secret = Secret("hunter2")

    def call(text: str, again: bool = True) -> None:
        kept = text.encode()
        if again:
            try:
                call(text, again=False)
            except ValueError:
                raise KeyError(len(kept)) from None
        raise ValueError(len(kept))

    def shown(forgetting: bool) -> str:
        try:
            with Forgetting() if forgetting else contextlib.nullcontext():
                call(secret.reveal())
        except KeyError as error:
            told = traceback.TracebackException.from_exception(error, capture_locals=True)
            error.__suppress_context__ = False
            return "".join(
                [*told.format(), *traceback.TracebackException.from_exception(error, capture_locals=True).format()]
            )
        return ""

    assert "hunter2" in shown(forgetting=False)
    assert "hunter2" not in shown(forgetting=True)


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

"""Values of keys in the file of credentials; what each says of wrong ones is tested with the file (test_credentials_file.py)."""

from __future__ import annotations

import pytest

from collector import credential_values as values


def test_an_error_names_the_key() -> None:
    with pytest.raises(values.Wrong, match="`port` is a whole number from 1 to 65535"):
        values.of({"port": 0}, "port", 161, values.whole(1, 65535))


def test_a_key_that_is_not_there_has_its_default() -> None:
    assert values.of({}, "port", 161, values.whole(1, 65535)) == 161


def test_a_secret_in_the_place_of_a_reference_is_refused_without_being_shown() -> None:
    with pytest.raises(values.Wrong) as told:
        values.secret_reference("hunter2-hunter2")

    assert "hunter2" not in str(told.value)
    assert "the secret itself" in str(told.value)

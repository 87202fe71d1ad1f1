"""Settings of sweeps in a file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cmdb.model.errors import UsageError
from collector import sweep_settings
from collector.sweep_settings import SweepSettings, load


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "sweep.toml"
    path.write_text(text)
    path.chmod(0o644)
    return path


def test_permitted_ranges_are_read_and_their_absence_is_told_from_none_at_all(tmp_path: Path) -> None:
    assert load(tmp_path / "absent") == SweepSettings(None)
    assert load(written(tmp_path, "# nothing\n")) == SweepSettings(None)
    assert load(written(tmp_path, "permitted_ranges = []")) == SweepSettings(())
    many = 'permitted_ranges = ["10.20.0.0/16", "192.0.2.7", "2001:db8::/64", "*.internal"]'
    assert load(written(tmp_path, many)).permitted_ranges == (
        "10.20.0.0/16",
        "192.0.2.7",
        "2001:db8::/64",
        "*.internal",
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("permitted_ranges = [", "is no TOML"),
        ("ranges = []", "'ranges' is no setting of sweeps; permitted_ranges is"),
        ('permitted_ranges = "10.0.0.0/8"', "is a list of texts"),
        ("permitted_ranges = [10]", "is a list of texts"),
        ('permitted_ranges = ["10.0.0.0/40"]', "permitted_ranges: "),
        ('permitted_ranges = ["!10.0.0.0/8"]', "leaves out"),
        ('permitted_ranges = ["10.0.0.1", "10.0.0.2", "10.0.0.3"]', "2 are the most"),
        ("#" * 300, "longer than"),
    ],
)
def test_what_is_wrong_is_named_with_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, reason: str
) -> None:
    monkeypatch.setattr(sweep_settings, "MAX_BYTES", 200)
    monkeypatch.setattr(sweep_settings, "MAX_RANGES", 2)
    path = written(tmp_path, text)
    with pytest.raises(UsageError, match=reason) as caught:
        load(path)
    assert str(path) in str(caught.value)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "")
    path.write_bytes(b"\xff")
    with pytest.raises(UsageError, match="is no TOML"):
        load(path)


def test_a_file_that_others_may_write_or_that_is_none_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "permitted_ranges = []")
    path.chmod(0o664)
    with pytest.raises(UsageError, match="chmod go-w"):
        load(path)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    for other, reason in (("pipe", "is no regular file"), (".", "can not be read"), ("loop", "can not be read")):
        with pytest.raises(UsageError, match=reason):
            load(tmp_path / other)

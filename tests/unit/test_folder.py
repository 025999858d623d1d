"""Folders as a channel: nothing is followed, reads are bounded, what is written is whole."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from pipeline.channels import folder


def test_entries_are_described_as_they_are_themselves(tmp_path: Path) -> None:
    """A link is a link, whatever it points at; what is listed is sorted and may be limited."""
    (tmp_path / "b").mkdir()
    (tmp_path / "c").write_bytes(b"123")
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "d").symlink_to("nowhere")
    os.mkfifo(tmp_path / "e")
    entries = folder.list_entries(tmp_path)
    assert [("a", "link"), ("b", "folder"), ("c", "file"), ("d", "link"), ("e", "other")] == [
        (entry.name, entry.kind) for entry in entries
    ]
    assert (3, 2) == (entries[2].size, len(folder.list_entries(tmp_path, most=2)))


def test_a_link_is_not_opened_as_a_folder(tmp_path: Path) -> None:
    """What is read through a handle cannot be another folder than the one that was looked at."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "file").touch()
    for name in ("link", "file"):
        with pytest.raises(NotADirectoryError), folder.opened_folder(tmp_path / name):
            pass
    with pytest.raises(FileNotFoundError), folder.opened_folder(tmp_path / "none"):
        pass


def test_only_regular_files_of_limited_size_are_read(tmp_path: Path) -> None:
    """A link, a pipe without a writer, a folder and a file too large are refused at once."""
    (tmp_path / "good").write_bytes(b"12345")
    (tmp_path / "link").symlink_to("good")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with folder.opened_folder(tmp_path) as handle:
        assert b"12345" == folder.read_file(handle, "good", 5)
        for name, most in (("good", 4), ("link", 9), ("pipe", 9), ("folder", 9)):
            with pytest.raises(folder.NotPlainFileError):
                folder.read_file(handle, name, most)
        with pytest.raises(FileNotFoundError):
            folder.read_file(handle, "none", 9)
        assert [True, False] == [folder.has(handle, name) for name in ("link", "none")]


def test_a_folder_that_is_swapped_does_not_change_what_is_read(tmp_path: Path) -> None:
    """Reads go to the folder that was opened, also when its name leads elsewhere by now."""
    (tmp_path / "delivery").mkdir()
    (tmp_path / "delivery" / "x").write_bytes(b"first")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x").write_bytes(b"other")
    with folder.opened_folder(tmp_path / "delivery") as handle:
        (tmp_path / "delivery").rename(tmp_path / "away")
        (tmp_path / "delivery").symlink_to("other")
        assert b"first" == folder.read_file(handle, "x", 9)


def test_a_write_that_fails_leaves_the_former_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader sees the whole former file or the whole new one; no part file is left."""
    folder.write_file(tmp_path / "new" / "x", b"former")

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        folder.write_file(tmp_path / "new" / "x", b"later")
    assert [("x", b"former")] == [(path.name, path.read_bytes()) for path in (tmp_path / "new").iterdir()]


@pytest.mark.parametrize("is_across", [False, True])
def test_a_move_takes_links_as_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_across: bool) -> None:
    """Also between file systems, where a thing is copied whole before the first is removed."""
    (tmp_path / "from").mkdir()
    (tmp_path / "to").mkdir()
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "from" / "link").symlink_to(tmp_path / "secret")
    (tmp_path / "from" / "delivery").mkdir()
    (tmp_path / "from" / "delivery" / "inner").symlink_to(tmp_path / "secret")
    rename = Path.rename

    def rename_within(self: Path, target: Path) -> Path:
        if is_across and self.parent != Path(target).parent:
            raise OSError(errno.EXDEV, "another device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", rename_within)
    for name in ("link", "delivery"):
        folder.move(tmp_path / "from" / name, tmp_path / "to" / name)
    assert [] == list((tmp_path / "from").iterdir())
    assert (tmp_path / "to" / "link").is_symlink()
    assert (tmp_path / "to" / "delivery" / "inner").is_symlink()
    assert {"link", "delivery"} == {path.name for path in (tmp_path / "to").iterdir()}


def test_removing_a_link_leaves_what_it_points_at(tmp_path: Path) -> None:
    """Nothing outside is ever removed; removing what is not there is fine."""
    (tmp_path / "kept").mkdir()
    (tmp_path / "link").symlink_to("kept")
    folder.remove(tmp_path / "link")
    folder.remove(tmp_path / "none")
    assert ["kept"] == [path.name for path in tmp_path.iterdir()]

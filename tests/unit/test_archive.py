"""The sealed stream of a backup: nothing of it opens that was changed, moved, repeated or cut off."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from pipeline.vault import sealing
from pipeline.vault.archive import CHUNK_BYTES, MAGIC, SealedWriter, open_archive
from pipeline.vocabulary.faults import Refused

PRIVATE = bytes(range(32))
HEADER = {"key_id": "backup-1"}
SEALED_CHUNK = CHUNK_BYTES + 16
TEXT = b"a" * CHUNK_BYTES + b"b" * CHUNK_BYTES + b"c" * CHUNK_BYTES


def sealed(plain: bytes, header: dict[str, str] = HEADER) -> bytes:
    stream = io.BytesIO()
    writer = SealedWriter(stream, sealing.public_of_box(PRIVATE), header)
    writer.write(plain)
    writer.close()
    return stream.getvalue()


def opened(archive: bytes) -> bytes:
    _, reader = open_archive(io.BytesIO(archive), lambda _: PRIVATE)
    return reader.readall() or b""


def parts(archive: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """What stands before the chunks of TEXT, and the three chunks."""
    start = len(archive) - 3 * SEALED_CHUNK
    first, second, third = (archive[start + SEALED_CHUNK * number :][:SEALED_CHUNK] for number in range(3))
    return archive[:start], first, second, third


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
def test_what_was_sealed_opens_again_whole(size: int) -> None:
    """Every byte comes back, also where the stream ends with a chunk."""
    assert TEXT[:size] == opened(sealed(TEXT[:size]))


@pytest.mark.parametrize(
    "change",
    [
        lambda head, first, second, third: head + first + second,
        lambda head, first, second, third: head + first,
        lambda head, first, second, third: head,
        lambda head, first, second, third: head + second + first + third,
        lambda head, first, second, third: head + first + first + third,
        lambda head, first, second, third: head + first + third,
        lambda head, first, second, third: head + first + second + third + third,
    ],
    ids=["cut", "cut twice", "cut to nothing", "swapped", "repeated", "dropped", "more"],
)
def test_whole_chunks_cannot_be_cut_swapped_or_dropped(change: Callable[..., bytes]) -> None:
    """A stream that was cut at the end of a chunk does not pass for a shorter backup, nor one in another order."""
    with pytest.raises(Refused) as refusal:
        opened(change(*parts(sealed(TEXT))))
    assert "SEAL_BROKEN" == refusal.value.code


def test_a_stream_that_was_not_closed_does_not_open() -> None:
    """A killed backup leaves no archive that opens to a part of the store."""
    stream = io.BytesIO()
    writer = SealedWriter(stream, sealing.public_of_box(PRIVATE), HEADER)
    writer.write(TEXT)
    with pytest.raises(Refused) as refusal:
        opened(stream.getvalue())
    assert "SEAL_BROKEN" == refusal.value.code


def test_a_stream_is_closed_once() -> None:
    """Closing again adds nothing: the last chunk stands there one time."""
    stream = io.BytesIO()
    writer = SealedWriter(stream, sealing.public_of_box(PRIVATE), HEADER)
    writer.write(b"rows")
    writer.close()
    writer.close()
    assert b"rows" == opened(stream.getvalue())


def test_the_header_is_bound_to_the_content() -> None:
    """A backup does not open under another header, of equal length and with the same key."""
    archive = sealed(TEXT).replace(b"backup-1", b"backup-2", 1)
    with pytest.raises(Refused) as refusal:
        opened(archive)
    assert "SEAL_BROKEN" == refusal.value.code


@pytest.mark.parametrize(
    "archive",
    [
        b"",
        b"something else",
        MAGIC,
        MAGIC + (5).to_bytes(4, "big") + b"{}",
        MAGIC + (0).to_bytes(4, "big"),
        MAGIC + (2).to_bytes(4, "big") + b"{}" + (5).to_bytes(4, "big") + b"s",
        MAGIC
        + ((1 << 16) + 1).to_bytes(4, "big")
        + b"{}"
        + b" " * ((1 << 16) - 1)
        + (1).to_bytes(4, "big")
        + b"s",
        b"x" * len(MAGIC) + (2).to_bytes(4, "big") + b"{}" + (1).to_bytes(4, "big") + b"s",
        MAGIC + (1).to_bytes(4, "big") + b"{" + (1).to_bytes(4, "big") + b"s",
        MAGIC + (2).to_bytes(4, "big") + b"[]" + (1).to_bytes(4, "big") + b"s",
    ],
    ids=[
        "nothing",
        "too short",
        "no header",
        "short header",
        "empty header",
        "short key",
        "huge header",
        "other magic",
        "no JSON",
        "no object",
    ],
)
def test_what_is_no_archive_is_said_to_be_none(archive: bytes) -> None:
    """A file of something else is refused before any key is asked for."""

    def no_key(_: object) -> bytes:
        raise AssertionError

    with pytest.raises(Refused) as refusal:
        open_archive(io.BytesIO(archive), no_key)
    assert "BACKUP_INVALID" == refusal.value.code

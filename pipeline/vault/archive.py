"""A stream sealed to a public key: what a backup is written through, however long it is.

A fresh data key is sealed with HPKE to the backup key; the stream is cut into chunks under ChaCha20-Poly1305,
whose nonce counts on and marks the last one (the STREAM construction, as age uses it). Key and chunks are bound to
the header: another header, a chunk changed, dropped, swapped or cut off does not open.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from pipeline.vault.randomness import new_secret
from pipeline.vault.sealing import open_sealed, seal
from pipeline.vocabulary.faults import Refused

MAGIC = b"samenloop/archive/1\n"
CHUNK_BYTES = 1 << 16
_TAG_BYTES = 16
_MOST_HEADER_BYTES = 1 << 16
_LENGTH_BYTES = 4


class SealedWriter(io.RawIOBase):
    """Writes a stream sealed; without `close` it does not open."""

    def __init__(self, stream: BinaryIO, public: bytes, header: Mapping[str, Any]) -> None:
        head = json.dumps(dict(header), sort_keys=True).encode()
        self._bound = hashlib.sha256(MAGIC + head).digest()
        secret = new_secret()
        self._cipher = ChaCha20Poly1305(secret)
        self._stream, self._buffer, self._count = stream, bytearray(), 0
        sealed = seal(public, secret, self._bound)
        for part in (head, sealed):
            head_length = len(part).to_bytes(_LENGTH_BYTES, "big")
            stream.write((MAGIC if part is head else b"") + head_length + part)

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: Any) -> int:
        """Take bytes in; whole chunks go out."""
        self._buffer += data
        while len(self._buffer) > CHUNK_BYTES:
            self._put(bytes(self._buffer[:CHUNK_BYTES]), is_last=False)
            del self._buffer[:CHUNK_BYTES]
        return len(data)

    def close(self) -> None:
        """Write the last chunk, once."""
        if not self.closed:
            self._put(bytes(self._buffer), is_last=True)
        super().close()

    def _put(self, chunk: bytes, *, is_last: bool) -> None:
        self._stream.write(self._cipher.encrypt(_nonce(self._count, is_last=is_last), chunk, self._bound))
        self._count += 1


class SealedReader(io.RawIOBase):
    """Reads what SealedWriter wrote; nothing of a chunk is given before its tag was found good."""

    def __init__(self, stream: BinaryIO, private: bytes, bound: bytes, sealed: bytes) -> None:
        self._cipher = ChaCha20Poly1305(open_sealed(private, sealed, bound))
        self._stream, self._bound, self._count = stream, bound, 0
        self._next = stream.read(CHUNK_BYTES + _TAG_BYTES)
        self._buffer, self._is_over = b"", False

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, into: Any) -> int:
        """Fill `into` with plaintext; 0 at the end.

        Raises:
            Refused: SEAL_BROKEN.
        """
        while not self._buffer and not self._is_over:
            chunk, self._next = self._next, self._stream.read(CHUNK_BYTES + _TAG_BYTES)
            self._is_over = not self._next
            try:
                nonce = _nonce(self._count, is_last=self._is_over)
                self._buffer = self._cipher.decrypt(nonce, chunk, self._bound)
            except (InvalidTag, ValueError):
                raise Refused("SEAL_BROKEN") from None
            self._count += 1
        count = min(len(into), len(self._buffer))
        into[:count], self._buffer = self._buffer[:count], self._buffer[count:]
        return count


def open_archive(
    stream: BinaryIO, private_of: Callable[[Mapping[str, Any]], bytes]
) -> tuple[Mapping[str, Any], SealedReader]:
    """The header and a reader of the rest.

    Args:
        stream: the archive.
        private_of: gives the private key for a header; it may refuse.

    Raises:
        Refused: BACKUP_INVALID when it is no archive, SEAL_BROKEN when key or header differ.
    """
    if stream.read(len(MAGIC)) != MAGIC:
        raise Refused("BACKUP_INVALID")
    head = _part(stream)
    sealed = _part(stream)
    try:
        header = json.loads(head)
    except (ValueError, RecursionError):
        raise Refused("BACKUP_INVALID") from None
    if not isinstance(header, dict):
        raise Refused("BACKUP_INVALID")
    bound = hashlib.sha256(MAGIC + head).digest()
    return header, SealedReader(stream, private_of(header), bound, sealed)


def _part(stream: BinaryIO) -> bytes:
    length = int.from_bytes(stream.read(_LENGTH_BYTES), "big")
    if not 0 < length <= _MOST_HEADER_BYTES:
        raise Refused("BACKUP_INVALID")
    part = stream.read(length)
    if len(part) != length:
        raise Refused("BACKUP_INVALID")
    return part


def _nonce(count: int, *, is_last: bool) -> bytes:
    return count.to_bytes(11, "big") + (b"\x01" if is_last else b"\x00")

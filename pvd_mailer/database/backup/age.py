"""The age format with a passphrase (https://c2sp.org/age) as a stream; the standard tool `age` opens it as well.

Here and not from a library: pyrage holds all of the data in memory where a passphrase is used, and lets scrypt take
half a gigabyte or more, by the machine's speed. The primitives are those of the package cryptography.
"""

import hmac
import io
import os
import re
from base64 import b64decode, b64encode
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

__all__ = ["AGE_MAGIC", "BrokenAgeFileError", "WrongPassphraseError", "create_age_file", "open_age_file"]

AGE_MAGIC = b"age-encryption.org/v1\n-> scrypt "
SCRYPT_WORK_FACTOR = 17
"""The logarithm to base 2 of scrypt's N for what is written: 128 MiB, and some 0.4 s."""
MAX_SCRYPT_WORK_FACTOR = 22
"""Of what is read: 4 GiB, as `age` has it."""
AGE_CHUNK = 64 * 1024
AGE_TAG = 16
_NONCE = 16
_MAX_HEADER = 256
_HEADER = re.compile(
    rb"(?P<mac_of>age-encryption\.org/v1\n-> scrypt (?P<salt>[A-Za-z0-9+/]{22}) (?P<work>[1-9]\d?)\n"
    rb"(?P<body>[A-Za-z0-9+/]{43})\n---) (?P<mac>[A-Za-z0-9+/]{43})\n"
)


class BrokenAgeFileError(ValueError):
    """It was changed or cut short, or is not in this format."""


class WrongPassphraseError(ValueError):
    """Its passphrase is another one."""


def _encode_base64(data: bytes) -> bytes:
    return b64encode(data).rstrip(b"=")


def _decode_base64(text: bytes) -> bytes:
    data = b64decode(text + b"=" * (-len(text) % 4), validate=True)
    if _encode_base64(data) != text:
        raise BrokenAgeFileError
    return data


def _derive_key(key: bytes, salt: bytes | None, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(key)


def _wrapping_cipher(passphrase: str, salt: bytes, work: int) -> ChaCha20Poly1305:
    labelled_salt = b"age-encryption.org/v1/scrypt" + salt
    return ChaCha20Poly1305(Scrypt(salt=labelled_salt, length=32, n=1 << work, r=8, p=1).derive(passphrase.encode()))


def _mac(file_key: bytes, header: bytes) -> bytes:
    return hmac.digest(_derive_key(file_key, None, b"header"), header, "sha256")


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


class AgeWriter:
    """What is written here is written encrypted to another file; until `close` that is no age file."""

    def __init__(self, target: IO[bytes], payload_key: bytes) -> None:
        self._target = target
        self._cipher = ChaCha20Poly1305(payload_key)
        self._buffer = bytearray()
        self._chunk_number = 0

    def flush(self) -> None:
        """Nothing: what waits for a whole chunk has to wait."""

    def write(self, data: bytes) -> int:
        """Take `data`; all of it is taken."""
        self._buffer += data
        # The last chunk has its own mark, and is not empty: one is held back until more comes.
        while len(self._buffer) > AGE_CHUNK:
            self._write_chunk(bytes(self._buffer[:AGE_CHUNK]), last=False)
            del self._buffer[:AGE_CHUNK]
        return len(data)

    def close(self) -> None:
        """Write what is waiting, with the mark of the last."""
        self._write_chunk(bytes(self._buffer), last=True)
        self._buffer.clear()

    def _write_chunk(self, chunk: bytes, *, last: bool) -> None:
        self._target.write(self._cipher.encrypt(_nonce(self._chunk_number, last=last), chunk, None))
        self._chunk_number += 1


class AgeReader(io.RawIOBase):
    """What an age file holds, decrypted by the chunk as it is read. It may be sought in; closing it closes the file."""

    def __init__(self, source: IO[bytes], start: int, payload_key: bytes) -> None:
        self._source, self._start = source, start
        self._cipher = ChaCha20Poly1305(payload_key)
        length = source.seek(0, io.SEEK_END) - start
        self._chunks = max(1, -(-length // (AGE_CHUNK + AGE_TAG)))
        self._size = length - self._chunks * AGE_TAG
        if self._size < 0 or (self._chunks > 1 and self._size <= (self._chunks - 1) * AGE_CHUNK):
            raise BrokenAgeFileError
        self._position = 0
        self._current_chunk = (-1, b"")
        self._read_chunk(self._chunks - 1)  # whose mark says that nothing was cut off behind it

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, as in any file."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError(22, os.strerror(22))
        self._position = base + offset
        return self._position

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]  # a name for any buffer comes with 3.12
        """Read into `buffer` to the end of a chunk at most.

        Raises:
            BrokenError: what is there is not what was written.
        """
        if self._position >= self._size:
            return 0
        number, offset = divmod(self._position, AGE_CHUNK)
        data = self._read_chunk(number)[offset : offset + len(buffer)]
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def close(self) -> None:
        """Close it, and the file."""
        if not self.closed:
            self._source.close()
        super().close()

    def _read_chunk(self, number: int) -> bytes:
        if self._current_chunk[0] != number:
            self._source.seek(self._start + number * (AGE_CHUNK + AGE_TAG))
            data = self._source.read(AGE_CHUNK + AGE_TAG)
            try:
                self._current_chunk = (
                    number,
                    self._cipher.decrypt(_nonce(number, last=number == self._chunks - 1), data, None),
                )
            except InvalidTag as error:
                raise BrokenAgeFileError from error
        return self._current_chunk[1]


def create_age_file(target: IO[bytes], passphrase: str) -> AgeWriter:
    """Begin an age file at the beginning of `target`. Takes 128 MiB for a moment: that is what makes guessing dear.

    Raises:
        OSError: it cannot be written.
    """
    file_key, salt, nonce = os.urandom(16), os.urandom(16), os.urandom(_NONCE)
    body = _wrapping_cipher(passphrase, salt, SCRYPT_WORK_FACTOR).encrypt(bytes(12), file_key, None)
    header = AGE_MAGIC + b"%s %d\n%s\n---" % (_encode_base64(salt), SCRYPT_WORK_FACTOR, _encode_base64(body))
    target.write(b"%s %s\n%s" % (header, _encode_base64(_mac(file_key, header)), nonce))
    return AgeWriter(target, _derive_key(file_key, nonce, b"payload"))


def open_age_file(source: IO[bytes], passphrase: str) -> io.BufferedReader:
    """What the age file `source` holds, seekable. Closing it closes `source`; reads may raise `BrokenAgeFileError`.

    Raises:
        BrokenError: it is damaged, cut short or something else.
        WrongPassphraseError: its passphrase is another one.
        MemoryError: its scrypt wants more memory than there is: so much as its maker took.
        OSError: it cannot be read.
    """
    source.seek(0)
    start = source.read(_MAX_HEADER)
    header = _HEADER.match(start)
    if header is None or int(header["work"]) > MAX_SCRYPT_WORK_FACTOR:
        raise BrokenAgeFileError
    nonce = start[header.end() : header.end() + _NONCE]
    wrapped, mac = _decode_base64(header["body"]), _decode_base64(header["mac"])
    try:
        file_key = _wrapping_cipher(passphrase, _decode_base64(header["salt"]), int(header["work"])).decrypt(
            bytes(12), wrapped, None
        )
    except InvalidTag as error:
        raise WrongPassphraseError from error
    if not hmac.compare_digest(_mac(file_key, header["mac_of"]), mac) or len(nonce) < _NONCE:
        raise BrokenAgeFileError
    return io.BufferedReader(
        AgeReader(source, header.end() + _NONCE, _derive_key(file_key, nonce, b"payload")), buffer_size=AGE_CHUNK
    )

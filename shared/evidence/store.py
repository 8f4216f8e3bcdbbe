"""Where images lie: a folder or an S3 bucket, by one setting; a put is durable when it returns."""

import asyncio
import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

FOLDER_SCHEME = "file"


class EvidenceStore:
    """Whole images by key (`61.72/<recording>/face`); opened at first need, never at start.

    Raises OSError when the store does not do its part: the loop tries again, the door says so.
    """

    def __init__(self, setting: str | None, default_folder: Path) -> None:
        """setting: `file:///folder` or `s3://bucket/prefix`; None means `default_folder`.

        An S3 store reads its keys and region from the environment (AWS_…), as its clients do.
        Raises ValueError for any other kind of address.
        """
        setting = setting or default_folder.absolute().as_uri()
        address = urlsplit(setting)
        if address.scheme not in (FOLDER_SCHEME, "s3"):
            raise ValueError("the evidence store is a file:// folder or an s3:// bucket")
        self._address = setting
        self._folder: Path | None = None
        if address.scheme == FOLDER_SCHEME:
            self._folder = Path(unquote(address.path))
        self._opened: ObjectStore | None = None

    async def put(self, key: str, content: bytes) -> None:
        """Write one image whole; it is on the disk, or in the bucket, when this returns."""
        store = await self._open()
        try:
            await obstore.put_async(store, key, content)
        except BaseError as trouble:
            raise OSError("the evidence store takes no image") from trouble
        if self._folder is not None:
            # The library renames a finished file into place and does not sync it.
            await asyncio.to_thread(_sync, self._folder, key)

    async def read(self, key: str, offset: int, length: int) -> bytes:
        """`length` bytes (> 0) from `offset` on. Raises FileNotFoundError."""
        store = await self._open()
        try:
            return bytes(await obstore.get_range_async(store, key, start=offset, length=length))
        except BaseError as trouble:
            raise OSError("the evidence store gives no image") from trouble

    async def read_whole(self, key: str) -> bytes:
        """Raises FileNotFoundError."""
        store = await self._open()
        try:
            return bytes(await (await obstore.get_async(store, key)).bytes_async())
        except BaseError as trouble:
            raise OSError("the evidence store gives no image") from trouble

    async def remove(self, key: str) -> None:
        """Delete one image; one that is not there is as good as deleted."""
        store = await self._open()
        try:
            await obstore.delete_async(store, key)
        except FileNotFoundError:
            return
        except BaseError as trouble:
            raise OSError("the evidence store deletes no image") from trouble

    async def _open(self) -> ObjectStore:
        if self._opened is None:
            try:
                self._opened = await asyncio.to_thread(self._connect)
            except BaseError as trouble:
                raise OSError("the evidence store cannot be opened") from trouble
        return self._opened

    def _connect(self) -> ObjectStore:
        if self._folder is None:
            return from_url(self._address)
        self._folder.mkdir(parents=True, exist_ok=True)
        return LocalStore(self._folder)


def _sync(folder: Path, key: str) -> None:
    """The file, and each folder between it and the store's own: their entries are data, too."""
    path = folder / key
    while path != folder.parent:
        sync(path)
        path = path.parent


def sync(path: Path) -> None:
    """Bring a file or a folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

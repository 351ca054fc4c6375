"""Looks at the first bytes of pictures: what they are, how large, and whether they are plain.

A plain picture is one that every model server decodes rightly as it is (llama.cpp's decoder
is stb_image): PNG or JPEG of 8 bits in grey or RGB, that no EXIF entry wants turned.

Sources: the PNG specification (https://www.w3.org/TR/png-3/#11IHDR), ITU T.81 annex B for
JPEG, and the EXIF and TIFF 6.0 specifications for the orientation.
"""

import struct
from collections.abc import Iterator, Mapping

import attrs

# More is a bomb: cameras stay below, and decoders take 4 bytes a pixel or more.
MAX_PIXELS = 100_000_000
# Bytes; colour profiles and EXIF data with a thumbnail come before the size of a JPEG.
ENOUGH = 256 * 1024

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_SIGNATURES: Mapping[bytes, str] = {
    _PNG: "image/png",
    _JPEG: "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"BM": "image/bmp",
    b"II*\0": "image/tiff",
    b"MM\0*": "image/tiff",
    b"II+\0": "image/tiff",
    b"MM\0+": "image/tiff",
    b"\0\0\1\0": "image/x-icon",
    b"\0\0\0\x0cjP  \r\n\x87\n": "image/jp2",
}
# Brands of ISO media files (ISO 14496-12) that hold pictures.
_BRANDS: Mapping[bytes, str] = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"heim": "image/heic",
    b"hevc": "image/heic",
    b"mif1": "image/heif",
    b"msf1": "image/heif",
}
# Frame headers of JPEG: all SOF markers but DHT, JPG and DAC, which share their range.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_COMMON_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
_ORIENTATION = 0x0112


@attrs.frozen
class PictureHeader:
    """What the header of a PNG or JPEG file tells; sizes are in pixels."""

    mime_type: str
    width: int
    height: int
    plain: bool

    @property
    def is_bomb(self) -> bool:
        """Whether decoding would take more memory than any real picture does."""
        return self.width * self.height > MAX_PIXELS


def picture_type(start: bytes) -> str | None:
    """Tell the media type of a picture by the first 32 bytes of its file."""
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "image/webp"
    if start[4:8] == b"ftyp":
        return _BRANDS.get(start[8:12])
    found = (kind for mark, kind in _SIGNATURES.items() if start.startswith(mark))
    return next(found, None)


def read_header(start: bytes) -> PictureHeader | None:
    """Read the header of a PNG or JPEG file; None when it is neither, or is not all there."""
    try:
        if start.startswith(_PNG):
            return _read_png(start)
        if start.startswith(_JPEG):
            return _read_jpeg(start)
    except (struct.error, IndexError):
        # Cut off in the middle.
        return None
    return None


def _read_png(start: bytes) -> PictureHeader | None:
    length, name = struct.unpack_from(">I4s", start, 8)
    if name != b"IHDR" or length != 13:
        return None
    width, height, depth = struct.unpack_from(">IIB", start, 16)
    position = 8
    while name != b"IDAT":
        length, name = struct.unpack_from(">I4s", start, position)
        if name == b"eXIf":
            return PictureHeader("image/png", width, height, plain=False)
        position += 12 + length
    return PictureHeader("image/png", width, height, plain=depth <= 8)


def _read_jpeg(start: bytes) -> PictureHeader | None:
    upright = True
    for marker, segment in _segments(start):
        if marker == 0xE1 and segment.startswith(b"Exif\0\0"):
            upright = upright and _orientation(segment[6:]) == 1
        elif marker in _FRAMES:
            depth, height, width, components = struct.unpack_from(">BHHB", segment)
            common = marker in _COMMON_FRAMES and depth == 8 and components in (1, 3)
            return PictureHeader("image/jpeg", width, height, plain=upright and common)
    return None


def _segments(start: bytes) -> Iterator[tuple[int, bytes]]:
    position = 2
    while True:
        while start[position] == 0xFF and start[position + 1] == 0xFF:
            position += 1
        if start[position] != 0xFF:
            return
        marker = start[position + 1]
        (length,) = struct.unpack_from(">H", start, position + 2)
        if length < 2 or position + 2 + length > len(start):
            return
        yield marker, start[position + 4 : position + 2 + length]
        position += 2 + length


def _orientation(tiff: bytes) -> int:
    """Read the orientation of EXIF data, 1 for upright; what cannot be read is not 1."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 0
    try:
        (offset,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, offset)
        for index in range(count):
            tag, _, _, value = struct.unpack_from(order + "HHIH", tiff, offset + 2 + 12 * index)
            if tag == _ORIENTATION:
                return int(value)
    except struct.error:
        return 0
    return 1

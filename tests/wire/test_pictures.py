import io
import struct

import pytest
from PIL import Image

from localaik.wire.pictures import MAX_PIXELS, PictureHeader, picture_type, read_header


def file(form, mode="RGB", size=(8, 4), **options):
    written = io.BytesIO()
    Image.new(mode, size).save(written, form, **options)
    return written.getvalue()


def turned(form, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return file(form, exif=exif)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (file("PNG"), "image/png"),
        (file("JPEG"), "image/jpeg"),
        (file("GIF"), "image/gif"),
        (file("BMP"), "image/bmp"),
        (file("TIFF"), "image/tiff"),
        (file("WEBP"), "image/webp"),
        (b"\0\0\0\x20ftypavif", "image/avif"),
        (b"\0\0\0\x20ftypheic", "image/heic"),
        (b"\0\0\0\x20ftypisom", None),
        (b"RIFF\0\0\0\0WAVE", None),
        (b"%PDF-1.4", None),
        (b"", None),
    ],
)
def test_a_picture_is_known_by_its_first_bytes(content, expected):
    assert picture_type(content[:32]) == expected


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "P", "1"])
def test_a_png_of_8_bits_is_plain(mode):
    expected = PictureHeader("image/png", 8, 4, plain=True)
    assert read_header(file("PNG", mode)) == expected


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"quality": 100}])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_jpeg_in_grey_or_rgb_is_plain(options, mode):
    expected = PictureHeader("image/jpeg", 8, 4, plain=True)
    assert read_header(file("JPEG", mode, **options)) == expected


@pytest.mark.parametrize(
    "content",
    [file("PNG", "I;16"), file("JPEG", "CMYK"), turned("JPEG", 6), turned("PNG", 3)],
)
def test_16_bits_cmyk_and_turned_pictures_are_not_plain(content):
    header = read_header(content)
    assert (header.width, header.height, header.plain) == (8, 4, False)


def test_an_upright_entry_leaves_a_jpeg_plain():
    assert read_header(turned("JPEG", 1)).plain


@pytest.mark.parametrize("tiff", [b"", b"II*\0", b"XX*\0\0\0\0\x08", b"II*\0\xff\xff\0\0"])
def test_exif_data_that_cannot_be_read_is_not_plain(tiff):
    segment = b"Exif\0\0" + tiff
    broken = b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment
    content = file("JPEG")
    assert not read_header(content[:2] + broken + content[2:]).plain


@pytest.mark.parametrize("content", [file("PNG"), file("JPEG"), turned("JPEG", 6)])
def test_a_header_that_is_cut_off_anywhere_is_none_at_all(content):
    whole = read_header(content)
    for end in range(len(content)):
        assert read_header(content[:end]) in (None, whole)


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\xff\xd8\xff\xd8\xff\xff\xff", b"\x89PNG"])
def test_what_is_no_png_or_jpeg_has_no_header(content):
    assert read_header(content) is None


def test_a_bomb_is_known_by_its_size():
    bomb = bytearray(file("PNG"))
    bomb[16:24] = struct.pack(">II", 60000, 60000)
    assert read_header(bytes(bomb)).is_bomb
    assert not PictureHeader("image/png", MAX_PIXELS, 1, plain=True).is_bomb

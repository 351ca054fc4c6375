"""What a page worker does, in this process."""

import base64
import io

import pytest
import samples
from PIL import Image

from localaik.documents import work


@pytest.fixture
def file(tmp_path):
    def write(content):
        path = tmp_path / "document"
        path.write_bytes(content)
        return str(path)

    return write


def picture(content):
    return Image.open(io.BytesIO(base64.b64decode(content)))


def saved(image, form, **options):
    written = io.BytesIO()
    image.save(written, form, **options)
    return written.getvalue()


def colour(image, at=None):
    pixel = image.convert("RGB").getpixel(at or (image.width // 2, image.height // 2))
    return tuple(round(value / 255) for value in pixel)


def test_pages_are_counted_and_measured(file):
    path = file(samples.coloured(samples.RED, samples.BLUE, samples.GREEN, size=(300, 200)))
    assert work.probe(path, 2) == ({"pages": 3, "sizes": [(300.0, 200.0)] * 2}, [])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (samples.encrypted(), "encrypted"),
        (samples.pages([]), "no pages"),
        (b"%PDF-1.4\n", "damaged"),
        (samples.coloured(samples.RED)[:200], "damaged"),
    ],
)
def test_a_pdf_that_cannot_be_read_is_told(file, content, told):
    with pytest.raises(work.CannotDo, match=told):
        work.probe(file(content), 100)


@pytest.mark.parametrize(("form", "kind"), [("jpeg", "JPEG"), ("png", "PNG")])
def test_pages_are_rendered_in_order(file, form, kind):
    path = file(samples.coloured(samples.RED, samples.BLUE, samples.GREEN))
    _, contents = work.render(path, 2, 3, 72, form, None)
    pages = [picture(content) for content in contents]
    assert [page.size for page in pages] == [(595, 842)] * 2
    assert [page.format for page in pages] == [kind] * 2
    assert [colour(page) for page in pages] == [samples.BLUE, samples.GREEN]


def test_a_large_page_is_scaled(file):
    path = file(samples.coloured(samples.RED, size=(9600, 4800)))
    _, (content,) = work.render(path, 1, 1, 150, "jpeg", 1000)
    assert picture(content).size == (1000, 500)


def test_a_page_that_is_not_there_is_told(file):
    with pytest.raises(work.CannotDo, match="page 2 "):
        work.render(file(samples.coloured(samples.RED)), 1, 2, 72, "jpeg", None)


def test_the_text_of_each_page_is_read(file):
    path = file(samples.written("one", "two", "three"))
    _, texts = work.read_text(path, 2, 3)
    assert [text.split() for text in texts] == [[b"two"], [b"three"]]


@pytest.mark.parametrize(
    ("form", "mime_type"),
    [
        ("WEBP", "image/jpeg"),
        ("TIFF", "image/jpeg"),
        ("AVIF", "image/jpeg"),
        ("GIF", "image/png"),
        ("BMP", "image/png"),
    ],
)
def test_pictures_become_plain(file, form, mime_type):
    path = file(saved(Image.new("RGB", (8, 4), (255, 0, 0)), form))
    value, (content,) = work.convert(path, "image/any")
    assert value == {"mime_type": mime_type}
    assert (picture(content).size, colour(picture(content))) == ((8, 4), samples.RED)


def test_holes_are_kept(file):
    path = file(saved(Image.new("RGBA", (8, 4), (255, 0, 0, 0)), "WEBP"))
    value, (content,) = work.convert(path, "image/webp")
    assert value == {"mime_type": "image/png"}
    assert picture(content).mode == "RGBA"


def test_16_bits_become_8(file):
    path = file(saved(Image.new("I;16", (8, 4), 0x8000), "PNG"))
    value, (content,) = work.convert(path, "image/png")
    assert value == {"mime_type": "image/png"}
    assert picture(content).convert("L").getpixel((0, 0)) in (127, 128)


def test_cmyk_becomes_rgb(file):
    path = file(saved(Image.new("CMYK", (8, 4), (0, 255, 255, 0)), "JPEG"))
    _, (content,) = work.convert(path, "image/jpeg")
    assert (picture(content).mode, colour(picture(content))) == ("RGB", samples.RED)


def test_a_turned_picture_becomes_upright(file):
    image = Image.new("RGB", (80, 40), (255, 0, 0))
    image.paste((0, 0, 255), (0, 0, 40, 40))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    _, (content,) = work.convert(file(saved(image, "JPEG", exif=exif)), "image/jpeg")
    upright = picture(content)
    assert upright.size == (40, 80)
    assert (colour(upright, (20, 10)), colour(upright, (20, 70))) == (samples.BLUE, samples.RED)
    assert not upright.getexif()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"GIF89a", "cannot be read"),
        (saved(Image.effect_noise((300, 300), 90), "TIFF")[:2000], "cannot be read"),
        (b"\0\0\0\x20ftypheic" + bytes(20), "pictures of type 'image/heic' cannot be read here"),
    ],
)
def test_a_picture_that_cannot_be_read_is_told(file, content, told):
    with pytest.raises(work.CannotDo, match=told):
        work.convert(file(content), "image/heic")


def test_a_bomb_is_refused_by_its_header(file):
    bomb = bytearray(saved(Image.new("RGB", (8, 4)), "BMP"))
    bomb[18:26] = (60000).to_bytes(4, "little") * 2
    with pytest.raises(work.CannotDo, match="larger than"):
        work.convert(file(bytes(bomb)), "image/bmp")

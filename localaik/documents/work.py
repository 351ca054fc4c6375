"""What a page worker does: runs in the child process only, and may block, crash or be killed.

Each function takes the arguments of a `Job` and gives a JSON value and a list of contents;
pictures are given as base64, the form in which they travel on.
"""

import io
import re
import shutil
import subprocess
import tempfile
from binascii import b2a_base64
from pathlib import Path
from typing import Any

from localaik.wire.pictures import MAX_PIXELS

Result = tuple[Any, list[bytes]]

_SIZE = re.compile(r"([0-9.]+) x ([0-9.]+) pts")
# libjpeg's scale; bench/pdf.py shows what lower values save and cost.
JPEG_QUALITY = 80
_REASONS = {
    "Incorrect password": "the PDF is encrypted and needs a password",
    "Wrong page range": "the PDF has no pages",
}
_MISSING = "PDFs need poppler-utils (pdfinfo, pdftocairo, pdftotext), which is not installed"


class CannotDo(Exception):
    """The document cannot be read, for the reason that the message tells."""


class NotInstalled(Exception):
    """A program is missing on this machine."""


def probe(path: str, most: int) -> Result:
    """Count the pages of a PDF, and measure the first `most` of them in points."""
    from pdf2image import pdfinfo_from_path
    from pdf2image.exceptions import PDFInfoNotInstalledError, PDFPageCountError

    try:
        found = pdfinfo_from_path(path, first_page=1, last_page=most)
    except PDFInfoNotInstalledError:
        raise NotInstalled(_MISSING) from None
    except PDFPageCountError as error:
        # Its text is what pdfinfo said.
        told = (reason for words, reason in _REASONS.items() if words in str(error))
        raise CannotDo(next(told, "the PDF cannot be read; it is damaged or cut off")) from None
    pages = found["Pages"]
    sizes = [
        _page_size(found.get(f"Page {number:4d} size")) for number in range(1, pages + 1)[:most]
    ]
    return {"pages": pages, "sizes": sizes}, []


def render(path: str, first: int, last: int, dpi: int, form: str, scale_to: int | None) -> Result:
    """Render pages of a PDF, in their order."""
    from pdf2image import convert_from_path

    size: dict[str, Any] = {} if scale_to is None else {"size": scale_to}
    with tempfile.TemporaryDirectory() as folder:
        try:
            pages: list[Any] = convert_from_path(
                path,
                dpi=dpi,
                output_folder=folder,
                first_page=first,
                last_page=last,
                fmt=form,
                jpegopt={"quality": JPEG_QUALITY},
                # What pdfinfo measures, and what people see in a viewer.
                use_cropbox=True,
                # Twice as fast as pdftoppm here, and as good.
                use_pdftocairo=True,
                paths_only=True,
                **size,
            )
        except FileNotFoundError:
            raise NotInstalled(_MISSING) from None
        contents = [_encode(Path(page).read_bytes()) for page in pages]
    drawn = contents.index(b"") if b"" in contents else len(contents)
    if drawn != last - first + 1:
        raise CannotDo(f"page {first + drawn} of the PDF cannot be rendered")
    return None, contents


def read_text(path: str, first: int, last: int) -> Result:
    """Read the text layer of pages of a PDF: one content for each page."""
    program = shutil.which("pdftotext")
    if program is None:
        raise NotInstalled(_MISSING)
    command = [program, "-layout", "-enc", "UTF-8", "-f", str(first), "-l", str(last), path, "-"]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 -- our own words
    if done.returncode:
        raise CannotDo("the text of the PDF cannot be read")
    # A form feed ends each page.
    pages = done.stdout.split(b"\f")[: last - first + 1]
    pages += [b""] * (last - first + 1 - len(pages))
    return None, [page.strip(b"\r\n") for page in pages]


def convert(path: str, mime_type: str) -> Result:
    """Turn a picture into a plain PNG or JPEG, upright, its first frame only."""
    from PIL import Image, UnidentifiedImageError

    # Sizes are checked below; Pillow itself would warn first, and allow more.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(path) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise CannotDo(f"the picture is larger than {MAX_PIXELS} pixels")
            form, content = _plain(picture)
    except UnidentifiedImageError:
        raise CannotDo(f"pictures of type {mime_type!a} cannot be read here") from None
    except (OSError, ValueError, SyntaxError, EOFError, ArithmeticError, IndexError):
        raise CannotDo("the picture cannot be read; it is damaged or cut off") from None
    return {"mime_type": form}, [_encode(content)]


def _plain(picture: Any) -> tuple[str, bytes]:
    from PIL import ImageOps

    # Photographs stay small as JPEG; what may have sharp edges or holes becomes PNG.
    photo = picture.format in ("JPEG", "MPO", "WEBP", "AVIF", "TIFF")
    upright = ImageOps.exif_transpose(_eight_bits(picture))
    holes = upright.has_transparency_data
    written = io.BytesIO()
    if photo and not holes:
        upright.convert("RGB").save(written, "JPEG", quality=90)
        return "image/jpeg", written.getvalue()
    # Level 1 is five times as fast as the default and a tenth larger.
    upright.convert("RGBA" if holes else "RGB").save(written, "PNG", compress_level=1)
    return "image/png", written.getvalue()


def _eight_bits(picture: Any) -> Any:
    """Bring 16-bit grey, which Pillow would clip at 255, down to 8 bits."""
    if not picture.mode.startswith(("I", "F")):
        return picture
    exif = picture.getexif()
    factor = 1 / 256 if picture.mode.startswith("I") else 255
    reduced = picture.convert("F").point(lambda value: value * factor + 0).convert("L")
    reduced.info["exif"] = exif.tobytes()
    reduced.format = picture.format
    return reduced


def _page_size(text: str | None) -> tuple[float, float]:
    measured = _SIZE.match(text or "")
    if measured is None:
        raise CannotDo("a page of the PDF cannot be measured")
    return float(measured[1]), float(measured[2])


def _encode(content: bytes) -> bytes:
    return b2a_base64(content, newline=False)

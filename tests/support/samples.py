"""Documents for the tests, written by hand: PDFs of all kinds."""

import hashlib

A4 = (595, 842)
RED, GREEN, BLUE = (1, 0, 0), (0, 1, 0), (0, 0, 1)
_PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")


def pdf(objects, trailer=b"", root=1):
    """Write a PDF from the bodies of its objects, the catalog first."""
    written, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(written))
        written += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    written += b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    written += b"trailer\n<< /Size %d /Root %d 0 R %b >>\n" % (size, root, trailer)
    return bytes(written + b"startxref\n%d\n%%%%EOF\n" % start)


def pages(contents, size=A4, catalog=b"", trailer=b"", cipher=lambda number, body: body):
    """Write a PDF with one page for each content stream."""
    count = len(contents)
    kids = b" ".join(b"%d 0 R" % (4 + 2 * index) for index in range(count))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R %b >>" % catalog,
        b"<< /Type /Pages /Count %d /Kids [%b] >>" % (count, kids),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for index, content in enumerate(contents):
        page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R" % (
            *size,
            5 + 2 * index,
        )
        objects.append(page + b" /Resources << /Font << /F1 3 0 R >> >> >>")
        body = cipher(5 + 2 * index, content)
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(body), body))
    return pdf(objects, trailer)


def coloured(*colours, size=A4):
    """Write a PDF of pages that are each filled with one colour."""
    return pages([b"%g %g %g rg 0 0 20000 20000 re f" % colour for colour in colours], size)


def written(*texts, size=A4):
    """Write a PDF of pages with a line of text each."""
    return pages([b"BT /F1 24 Tf 72 600 Td (%b) Tj ET" % text.encode() for text in texts], size)


def encrypted(password=b"secret"):
    """Write a PDF that needs a password (PDF 1.4, section 3.5: RC4 of 40 bits)."""
    padded = (password + _PADDING)[:32]
    document = b"0123456789abcdef"
    owner = _rc4(hashlib.md5(padded).digest()[:5], padded)
    permissions = (-4).to_bytes(4, "little", signed=True)
    key = hashlib.md5(padded + owner + permissions + document).digest()[:5]
    user = _rc4(key, _PADDING)
    described = b"/Encrypt << /Filter /Standard /V 1 /R 2 /O <%b> /U <%b> /P -4 >> /ID [<%b> <%b>]"
    values = [one.hex().encode() for one in (owner, user, document, document)]

    def cipher(number, body):
        salted = key + number.to_bytes(3, "little") + b"\0\0"
        return _rc4(hashlib.md5(salted).digest()[:10], body)

    return pages([b"1 0 0 rg 0 0 600 900 re f"], trailer=described % tuple(values), cipher=cipher)


def _rc4(key, text):
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in text:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)

"""Which of the upstream's header lines a client may see."""

from twisted.web.http_headers import Headers

# RFC 9110, section 7.6.1, and what belongs to the upstream's own connection, body or origin:
# treq has decoded the body, and each server dates and names itself.
_OWN = frozenset(
    {
        b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization",
        b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade",
        b"content-length", b"content-encoding", b"content-type", b"server", b"date",
        b"set-cookie", b"set-cookie2", b"www-authenticate", b"location", b"alt-svc",
        b"strict-transport-security", b"access-control-allow-origin",
        b"access-control-allow-credentials", b"access-control-allow-methods",
        b"access-control-allow-headers", b"access-control-expose-headers",
        b"access-control-max-age",
    }
)  # fmt: skip


def end_to_end(headers: Headers) -> Headers:
    """Copy the header lines that are meant for the client."""
    named = {
        name.strip().lower()
        for line in headers.getRawHeaders(b"connection") or []
        for name in line.split(b",")
    }
    kept = Headers()
    for name, values in headers.getAllRawHeaders():
        if name.lower() not in _OWN and name.lower() not in named:
            kept.setRawHeaders(name, list(values))
    return kept

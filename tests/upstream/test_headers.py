"""Which of the upstream's header lines a client may see."""

from twisted.web.http_headers import Headers

from localaik.upstream.headers import end_to_end


def test_lines_for_the_client_are_kept_with_all_their_values():
    headers = Headers(
        {"X-Request-Id": ["r"], "Warning": ["1", "2"], "Cache-Control": ["no-store"]}
    )
    assert end_to_end(headers) == headers


def test_lines_of_the_connection_the_body_and_the_origin_are_dropped():
    names = """
        connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer
        Transfer-Encoding upgrade Content-Length content-encoding content-type Server date
        SET-COOKIE www-authenticate location access-control-allow-origin
    """
    headers = Headers({name: ["x"] for name in names.split()})
    assert end_to_end(headers) == Headers()


def test_lines_named_by_connection_are_dropped():
    headers = Headers(
        {"Connection": ["close, X-One", " x-TWO ,"], "X-One": ["1"], "x-two": ["2"], "x-3": ["3"]}
    )
    assert end_to_end(headers) == Headers({"x-3": ["3"]})


def test_the_copy_is_no_part_of_the_original():
    headers = Headers({"x-a": ["1"]})
    end_to_end(headers).addRawHeader("x-a", "2")
    assert headers.getRawHeaders("x-a") == ["1"]

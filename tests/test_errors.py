import pytest

from localaik import errors

STATUSES = {
    errors.LocalaikError: (500, False),
    errors.BadRequest: (400, False),
    errors.ContextOverflow: (400, False),
    errors.CredentialsRefused: (401, False),
    errors.PermissionDenied: (403, False),
    errors.NotFound: (404, False),
    errors.MethodNotAllowed: (405, False),
    errors.PayloadTooLarge: (413, False),
    errors.RateLimited: (429, True),
    errors.Unimplemented: (501, False),
    errors.UpstreamFailed: (502, True),
    errors.UpstreamUnavailable: (503, True),
    errors.UpstreamTimeout: (504, True),
    errors.InternalError: (500, False),
}


def kinds(kind):
    return {kind, *(below for child in kind.__subclasses__() for below in kinds(child))}


def test_every_kind_has_its_status_and_says_whether_to_come_back():
    found = {kind: (kind.status, kind.retriable) for kind in kinds(errors.LocalaikError)}
    assert found == STATUSES


@pytest.mark.parametrize("kind", STATUSES.keys() - {errors.MethodNotAllowed})
def test_an_error_says_its_message(kind):
    error = kind("why")
    assert (str(error), error.message, error.retry_after) == ("why", "why", None)


def test_a_bad_request_names_its_field():
    error = errors.BadRequest("expected an array", field="contents[2].parts")
    assert error.field == "contents[2].parts"
    assert str(error) == error.message == "contents[2].parts: expected an array"
    assert errors.BadRequest("why").field is None


def test_a_wrong_method_tells_the_right_ones():
    error = errors.MethodNotAllowed("why", allowed=("GET", "POST"))
    assert (error.message, error.allowed) == ("why", ("GET", "POST"))


def test_an_error_may_tell_when_to_come_back():
    assert errors.RateLimited("busy", retry_after=1.5).retry_after == 1.5


def test_a_wrong_setting_is_not_told_to_clients():
    assert not issubclass(errors.SettingsError, errors.LocalaikError)

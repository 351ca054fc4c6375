"""The log's formats."""

import io
import json
import re

import pytest
from twisted.logger import Logger, LogPublisher

from localaik.logs import make_observer


@pytest.fixture
def written():
    return io.StringIO()


def logger(log_format, written):
    publisher = LogPublisher(make_observer(log_format, written))
    return Logger(namespace="localaik.test", observer=publisher)


def test_json_has_one_object_a_line_with_the_fields_of_the_event(written):
    log = logger("json", written)
    log.info("{method} {path}\n{status}", method="GET", path="/\u2028é", status=200, other=None)
    log.warn("second {thing}", thing=ValueError("x"))
    first, second, nothing = written.getvalue().split("\n")
    assert nothing == ""
    line = json.loads(first)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00", line.pop("time"))
    assert line == {
        "level": "info",
        "namespace": "localaik.test",
        "message": "GET /\u2028é\n200",
        "method": "GET",
        "path": "/\u2028é",
        "status": 200,
        "other": None,
    }
    line = json.loads(second)
    assert (line["level"], line["message"], line["thing"]) == ("warn", "second x", "x")


def test_json_has_the_traceback_of_a_failure(written):
    log = logger("json", written)
    try:
        raise KeyError("a bug")
    except KeyError:
        log.failure("it failed")
    line = json.loads(written.getvalue())
    assert (line["level"], line["message"]) == ("critical", "it failed")
    assert "KeyError: 'a bug'" in line["traceback"]
    assert set(line) == {"time", "level", "namespace", "message", "traceback"}


def test_json_takes_what_the_old_logging_writes(written):
    observer = make_observer("json", written)
    observer({"log_time": 0.0, "log_format": "{log_text}", "log_text": "old", "system": "-"})
    assert json.loads(written.getvalue()) == {
        "time": "1970-01-01T00:00:00+00:00",
        "level": "info",
        "namespace": "",
        "message": "old",
    }


def test_json_takes_half_characters(written):
    logger("json", written).info("{text}", text="\ud800")
    assert json.loads(written.getvalue())["message"] == "\ufffd"


def test_text_is_twisteds(written):
    logger("text", written).info("hello {name}", name="x")
    assert re.fullmatch(r"\S+ \[localaik\.test#info\] hello x\n", written.getvalue())

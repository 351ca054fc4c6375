import re

import attrs
import pytest

from localaik.options import DEFAULT_PORT, OPTIONS, Option, option_named, redact_url
from localaik.readings import any_text
from localaik.settings import Settings

by_name = pytest.mark.parametrize("option", OPTIONS, ids=[option.name for option in OPTIONS])


def attribute_of(option):
    group = getattr(attrs.fields(Settings), option.group).default
    return getattr(attrs.fields(type(group)), option.field)


@by_name
def test_an_option_fills_an_attribute_of_its_group(option):
    attribute_of(option)


def test_every_attribute_is_filled_by_one_option():
    groups = [field for field in attrs.fields(Settings) if field.name != "sources"]
    attributes = [(g.name, field.name) for g in groups for field in attrs.fields(type(g.default))]
    assert sorted((option.group, option.field) for option in OPTIONS) == sorted(attributes)


@by_name
def test_the_default_in_the_table_is_the_attributes(option):
    default = attribute_of(option).default
    try:
        told = option.read(option.default)
    except ValueError:
        # In words, or not at all: there the choice is left to others.
        told = () if option.repeatable else None
    assert told == default


def test_names_and_variables_are_unique():
    assert len({option.name for option in OPTIONS}) == len(OPTIONS)
    assert len({option.variable for option in OPTIONS}) == len(OPTIONS)


@by_name
def test_names_variables_and_help_have_one_style(option):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", option.name)
    assert re.fullmatch(r"LK_[A-Z]+(_[A-Z]+)*|PORT", option.variable)
    assert re.fullmatch(r"[A-Z]+(\|[A-Z]+)*", option.metavar)
    assert option.help
    assert not option.help.endswith(".")


def test_an_option_describes_itself_for_the_command_line():
    assert option_named("parallel").describe() == (
        "slots: answers generated at the same time [LK_PARALLEL; default: 4]"
    )
    assert option_named("mmproj").describe() == (
        "path of the vision projector that belongs to --model [LK_MMPROJ]"
    )


def test_an_option_is_found_by_its_name():
    found = option_named("port")
    assert (found.variable, found.default) == ("PORT", str(DEFAULT_PORT))
    with pytest.raises(StopIteration):
        option_named("ports")


def test_only_the_credentials_are_secret():
    assert [option.name for option in OPTIONS if option.secret] == ["upstream-auth-header"]


def test_a_value_is_shown_without_credentials():
    option = Option("x", "LK_X", "server", "x", any_text, "an option")
    assert option.show("plain: text?") == "plain: text?"
    assert option.show(["tcp:80", "tcp:81"]) == "tcp:80 tcp:81"
    assert option.show("http://user:key@host/path?key=1") == "http://host/path"
    assert attrs.evolve(option, secret=True).show("key") == "(hidden)"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://host:80/path", "http://host:80/path"),
        ("https://user:key@host", "https://host"),
        ("https://key@host:1/a/b", "https://host:1/a/b"),
        ("http://u:p@q@host/", "http://host/"),
        ("http://host/a?key=secret", "http://host/a"),
        ("http://host/a#secret", "http://host/a"),
        ("http://host?key=u@x", "http://host"),
        ("http://host/a@b", "http://host/a@b"),
        ("no url", "no url"),
    ],
)
def test_what_may_be_a_credential_is_taken_out_of_a_url(url, shown):
    assert redact_url(url) == shown

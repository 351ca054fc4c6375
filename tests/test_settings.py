import re

import attrs
import pytest

from localaik.errors import SettingsError
from localaik.options import OPTIONS
from localaik.settings import (
    DocumentSettings,
    LogSettings,
    ModelSettings,
    ServerSettings,
    Settings,
    Source,
    UpstreamSettings,
)

# For each option: a text, the value it becomes, and a text that cannot be read.
TEXTS = {
    "port": ("8091", 8091, "x"),
    "listen": ("tcp:1", ("tcp:1",), None),
    "port-file": ("/run/port", "/run/port", None),
    "max-body": ("1M", 1024**2, "x"),
    "drain": ("0", 0.0, "x"),
    "upstream": ("http://host/v1", "http://host", "host"),
    "upstream-auth-header": ("X-Key: k", "X-Key: k", "secret"),
    "head-timeout": ("1.5", 1.5, "0"),
    "silence-timeout": ("2", 2.0, "0"),
    "model": ("m.gguf", "m.gguf", None),
    "mmproj": ("p.gguf", "p.gguf", None),
    "llama-server": ("llama-server", "llama-server", None),
    "ctx-size": ("512", 512, "0"),
    "threads": ("2", 2, "0"),
    "threads-batch": ("3", 3, "0"),
    "batch-size": ("64", 64, "x"),
    "ubatch-size": ("32", 32, "x"),
    "gpu-layers": ("-1", -1, "-2"),
    "parallel": ("1", 1, "0"),
    "flash-attn": ("auto", "auto", "x"),
    "cont-batching": ("off", False, "x"),
    "mlock": ("on", True, "x"),
    "pdf-workers": ("3", 3, "0"),
    "pdf-format": ("PNG", "png", "gif"),
    "pdf-dpi": ("300", 300, "9"),
    "pdf-max-side": ("896", 896, "15"),
    "pdf-max-pages": ("10", 10, "0"),
    "pdf-mode": ("both", "both", "x"),
    "pdf-timeout": ("5", 5.0, "0"),
    "pdf-cache": ("off", 0, "x"),
    "fetch": ("deny", "deny", "x"),
    "file-root": ("/srv", ("/srv",), None),
    "log-format": ("json", "json", "x"),
    "access-log": ("off", False, "x"),
}
# What an option needs beside it.
NEEDS = {"upstream-auth-header": {"upstream": "http://host"}, "mmproj": {"model": "m.gguf"}}
by_name = pytest.mark.parametrize("option", OPTIONS, ids=[option.name for option in OPTIONS])


def resolve(options=None, environ=None):
    return Settings.resolve(options or {}, environ or {})


def wrong(message):
    return pytest.raises(SettingsError, match=f"^{re.escape(message)}")


def value_of(settings, option):
    return getattr(getattr(settings, option.group), option.field)


def sources(settings):
    return {source.name: (source.value, source.origin) for source in settings.sources}


def test_nothing_given_is_the_defaults():
    assert resolve() == Settings(
        server=ServerSettings(port=8090, listen=(), port_file=None, max_body=67108864, drain=10.0),
        upstream=UpstreamSettings(
            url=None, auth_header=None, head_timeout=600.0, silence_timeout=120.0
        ),
        model=ModelSettings(
            model="tiny",
            mmproj=None,
            llama_server=None,
            ctx_size=None,
            threads=None,
            threads_batch=None,
            batch_size=None,
            ubatch_size=None,
            gpu_layers=None,
            parallel=4,
            flash_attn=None,
            cont_batching=True,
            mlock=False,
        ),
        documents=DocumentSettings(
            workers=None,
            format="jpeg",
            dpi=150,
            max_side=2048,
            max_pages=100,
            mode="auto",
            timeout=60.0,
            cache=268435456,
            fetch="public",
            file_roots=(),
        ),
        log=LogSettings(format="text", access=True),
        sources=(),
    )


@by_name
def test_a_flag_is_read_and_its_source_kept(option):
    text, value, _ = TEXTS[option.name]
    settings = resolve({option.name: text, **NEEDS.get(option.name, {})})
    assert value_of(settings, option) == value
    assert sources(settings)[option.name] == (option.show(text), f"--{option.name}")


@by_name
def test_a_variable_is_read_and_its_source_kept(option):
    text, value, _ = TEXTS[option.name]
    settings = resolve(NEEDS.get(option.name), {option.variable: text})
    assert value_of(settings, option) == value
    assert sources(settings)[option.name] == (option.show(text), option.variable)


@by_name
def test_a_flag_beats_its_variable(option):
    text, value, wrong_text = TEXTS[option.name]
    environ = {option.variable: wrong_text or "other"}
    settings = resolve({option.name: text, **NEEDS.get(option.name, {})}, environ)
    assert value_of(settings, option) == value
    assert sources(settings)[option.name] == (option.show(text), f"--{option.name}")


@by_name
@pytest.mark.parametrize("blank", ["", " ", "\t\n"])
def test_an_empty_variable_and_an_absent_flag_count_as_unset(option, blank):
    assert resolve({option.name: None}, {option.variable: blank}) == Settings()


@pytest.mark.parametrize("option", [option for option in OPTIONS if TEXTS[option.name][2]])
def test_a_text_that_cannot_be_read_is_told_with_its_flag_or_variable(option):
    text = TEXTS[option.name][2]
    for options, environ, origin in [
        ({option.name: text}, {}, f"--{option.name}"),
        ({}, {option.variable: text}, option.variable),
    ]:
        with wrong(f"{origin}: expected ") as caught:
            resolve(options, environ)
        assert "secret" not in str(caught.value)
        assert caught.value.__cause__ is None


@pytest.mark.parametrize("option", [option for option in OPTIONS if not option.repeatable])
def test_an_empty_flag_is_a_mistake(option):
    with wrong(f"--{option.name}: expected "):
        resolve({option.name: ""})


def test_only_what_somebody_chose_has_a_source_in_the_order_of_the_table():
    options = {"log-format": "json", "upstream": "http://user:key@host/v1"}
    environ = {"LK_UPSTREAM_AUTH_HEADER": "X-Key: secret", "PORT": "8090", "LK_OTHER": "x"}
    assert resolve(options, environ).sources == (
        Source("port", "8090", "PORT"),
        Source("upstream", "http://host/v1", "--upstream"),
        Source("upstream-auth-header", "(hidden)", "LK_UPSTREAM_AUTH_HEADER"),
        Source("log-format", "json", "--log-format"),
    )


def test_credentials_are_not_shown():
    options = {"upstream": "http://host", "upstream-auth-header": "X-Key: secret"}
    settings = resolve(options)
    assert settings.upstream.auth_header == "X-Key: secret"
    assert "secret" not in repr(settings)


def test_without_endpoints_the_port_is_on_the_loopback_interface():
    assert resolve().server.endpoints() == ("tcp:8090:interface=127.0.0.1",)
    assert resolve({"port": "0"}).server.endpoints() == ("tcp:0:interface=127.0.0.1",)


def test_endpoints_may_be_several():
    expected = ("tcp:1:interface=0.0.0.0", "unix:/run/x")
    settings = resolve({"listen": list(expected), "port": "5"}, {"LK_LISTEN": "tcp:9"})
    assert settings.server.endpoints() == expected
    assert sources(settings)["listen"] == ("tcp:1:interface=0.0.0.0 unix:/run/x", "--listen")
    settings = resolve({}, {"LK_LISTEN": " tcp:1:interface=0.0.0.0  unix:/run/x "})
    assert settings.server.endpoints() == expected
    assert sources(settings)["listen"] == ("tcp:1:interface=0.0.0.0 unix:/run/x", "LK_LISTEN")


@pytest.mark.parametrize("given", [[], (), None])
def test_no_endpoints_among_the_flags_leave_the_variable(given):
    settings = resolve({"listen": given}, {"LK_LISTEN": "tcp:1"})
    assert settings.server.endpoints() == ("tcp:1",)


def test_the_port_flag_beats_the_variable_of_the_endpoints():
    settings = resolve({"port": "5"}, {"LK_LISTEN": "tcp:1"})
    assert settings.server.endpoints() == ("tcp:5:interface=127.0.0.1",)
    assert sources(settings) == {"port": ("5", "--port")}


def test_the_variable_of_the_endpoints_beats_that_of_the_port():
    settings = resolve({}, {"LK_LISTEN": "tcp:1", "PORT": "5"})
    assert settings.server.endpoints() == ("tcp:1",)


def test_an_empty_endpoint_is_a_mistake():
    with wrong("--listen: expected some text, got none"):
        resolve({"listen": ["tcp:1", ""]})
    with wrong("--listen: expected some text, got none"):
        resolve({"listen": ""})


HEADER = "X-Key: secret"
FOREIGN = "cannot be used with --upstream, which brings its own model"


@pytest.mark.parametrize(
    ("options", "environ", "told"),
    [
        (
            {"upstream-auth-header": HEADER},
            {},
            "--upstream-auth-header: needs --upstream as well",
        ),
        (
            {},
            {"LK_UPSTREAM_AUTH_HEADER": HEADER, "LK_UPSTREAM": ""},
            "LK_UPSTREAM_AUTH_HEADER: needs --upstream as well",
        ),
        ({"upstream": "http://host", "model": "tiny"}, {}, f"--model: {FOREIGN}"),
        ({"mmproj": "p.gguf"}, {"LK_UPSTREAM": "http://host"}, f"--mmproj: {FOREIGN}"),
        ({"upstream": "http://host", "llama-server": "x"}, {}, f"--llama-server: {FOREIGN}"),
        ({"mmproj": "p.gguf"}, {}, "--mmproj: needs --model as well"),
        ({}, {"LK_MMPROJ": "p.gguf"}, "LK_MMPROJ: needs --model as well"),
    ],
)
def test_settings_that_contradict_each_other_are_told(options, environ, told):
    with wrong(told) as caught:
        resolve(options, environ)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("variable", ["LK_MODEL", "LK_MMPROJ", "LK_LLAMA_SERVER"])
def test_variables_about_the_model_do_not_disturb_an_upstream(variable):
    settings = resolve({"upstream": "http://host"}, {variable: "x"})
    assert settings.upstream.url == "http://host"


def test_settings_are_frozen():
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        resolve().server.port = 1

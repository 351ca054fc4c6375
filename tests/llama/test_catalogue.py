import os

import pytest

from localaik.errors import SettingsError
from localaik.llama.catalogue import ModelFiles, find_llama_server, find_model
from localaik.settings import ModelSettings


@pytest.fixture
def gguf(tmp_path):
    path = tmp_path / "some.model,v2.gguf"
    path.write_bytes(b"GGUF\3\0\0\0")
    return path


def test_tiny_is_bundled_with_its_projector():
    files = find_model(ModelSettings())
    assert (files.name, files.ctx_size, files.threads) == ("tiny", 32768, 1)
    assert os.path.isabs(files.model)
    assert files.model.endswith("localaik/llama/tiny/tiny.gguf")
    assert files.mmproj.endswith("localaik/llama/tiny/tiny-mmproj.gguf")


def test_a_path_is_published_under_its_stem(gguf):
    assert find_model(ModelSettings(model=str(gguf))) == ModelFiles(
        name="some.model-v2", model=str(gguf), mmproj=None, ctx_size=8192
    )


def test_a_relative_path_becomes_absolute(gguf, monkeypatch):
    monkeypatch.chdir(gguf.parent)
    files = find_model(ModelSettings(model=gguf.name, mmproj=gguf.name))
    assert (files.model, files.mmproj) == (str(gguf), str(gguf))


def test_the_settings_beat_the_catalogue(gguf):
    files = find_model(ModelSettings(mmproj=str(gguf), ctx_size=512, threads=3))
    assert files.name == "tiny"
    assert (files.mmproj, files.ctx_size, files.threads) == (str(gguf), 512, 3)


def test_an_unknown_model_is_told_with_the_known_ones():
    with pytest.raises(
        SettingsError, match=r"^--model: no model 'huge': expected tiny or the path"
    ):
        find_model(ModelSettings(model="huge"))


def test_a_file_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "model.gguf"
    path.write_bytes(b"PK\3\4")
    with pytest.raises(SettingsError, match=r"^--model: '.*model.gguf' is no GGUF file$"):
        find_model(ModelSettings(model=str(path)))


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(SettingsError, match=r"^--model: cannot read .*: Is a directory$"):
        find_model(ModelSettings(model=str(tmp_path)))


def test_a_missing_projector_is_told_by_its_flag(gguf):
    with pytest.raises(SettingsError, match=r"^--mmproj: cannot read '/none': No such file"):
        find_model(ModelSettings(model=str(gguf), mmproj="/none"))


def test_a_llama_server_is_found_by_path_and_must_be_executable(tmp_path):
    binary = tmp_path / "llama-server"
    binary.touch(mode=0o644)
    with pytest.raises(SettingsError, match=r"^--llama-server: no executable file '/"):
        find_llama_server(str(binary))
    binary.chmod(0o755)
    assert find_llama_server(str(binary)) == str(binary)


def test_a_llama_server_is_found_on_the_path(tmp_path, monkeypatch):
    binary = tmp_path / "llama-server"
    binary.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_llama_server("llama-server") == str(binary)

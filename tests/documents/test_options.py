"""The settings of documents on the command line."""

import pytest

from localaik import readings
from localaik.documents.files import file_reader
from localaik.errors import SettingsError
from localaik.tap import Options


def test_several_folders_may_be_given():
    options = Options()
    options.read(["--file-root", "/a b", "--file-root", "/c", "--pdf-cache", "off"])
    assert options.settings.documents.file_roots == ("/a b", "/c")
    assert options.settings.documents.cache == 0


def test_a_root_must_be_a_folder(tmp_path):
    with pytest.raises(SettingsError, match=r"--file-root: .* is not a folder"):
        file_reader([str(tmp_path / "none")])


@pytest.mark.parametrize(
    ("read", "good", "bad"),
    [
        (readings.dots_per_inch, ["10", "1200"], ["9", "1201", "x", "-1"]),
        (readings.pixels, ["16", "32767"], ["15", "32768", "1.5", ""]),
        (readings.cache_size, ["0", "off", "1M"], ["-1", "x", ""]),
    ],
)
def test_numbers_have_bounds(read, good, bad):
    assert all(read(text) >= 0 for text in good)
    for text in bad:
        with pytest.raises(ValueError, match="expected"):
            read(text)

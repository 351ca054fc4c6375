import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import localaik

ROOT = Path(localaik.__file__).parent
PLUGIN = ROOT.parent / "twisted" / "plugins" / "localaik_plugin.py"
PURE = ("errors", "settings", "options", "readings", "wire", "chat", "faces", "completions")
SHELL = {"twisted", "treq", "klein", "werkzeug", "zope", "pdf2image"}


def python(code):
    """Run code in a fresh interpreter; return the top-level packages that it has loaded."""
    tell = "; import sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", code + tell], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.split())


def modules(name):
    """List a module, or a package with everything in it."""
    path = ROOT / name
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    dotted = [".".join(file.relative_to(ROOT.parent).with_suffix("").parts) for file in files]
    return [name.removesuffix(".__init__") for name in dotted]


def test_importing_the_package_imports_nothing_else():
    bare = python("pass")
    assert python("import localaik") - bare == {"localaik"}


def test_the_version_is_the_installed_ones():
    assert version("localaik") == localaik.__version__


@pytest.mark.parametrize("name", PURE)
def test_the_pure_core_loads_nothing_of_the_shell(name):
    loaded = python("import " + ", ".join(modules(name)))
    assert "localaik" in loaded
    assert loaded & SHELL == set()


def test_the_plugin_loads_nothing_of_ours():
    loaded = python(f"import runpy; runpy.run_path({str(PLUGIN)!r})")
    assert "twisted" in loaded
    assert "localaik" not in loaded


def test_the_plugin_names_the_command_lines_module():
    code = f"""
import runpy
maker = runpy.run_path({str(PLUGIN)!r})["localaik"]
assert (maker.name, maker.tapname, maker.module) == ("localaik", "localaik", "localaik.tap")
"""
    assert "twisted" in python(code.strip() + "\npass")


def test_the_plugins_folder_belongs_to_twisted():
    assert not (PLUGIN.parent / "__init__.py").exists()
    assert not (PLUGIN.parent.parent / "__init__.py").exists()


def test_the_types_are_published():
    assert (ROOT / "py.typed").is_file()

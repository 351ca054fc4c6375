import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_readme_has_the_option_table_that_the_settings_make():
    script = ROOT / "scripts" / "option-table.py"
    made = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    readme = (ROOT / "README.md").read_text()
    shown = re.search(r"<!-- options.*?-->\n(.*?)<!-- end of options -->", readme, re.DOTALL)
    assert shown is not None
    assert shown[1] == made.stdout

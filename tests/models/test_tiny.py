import hashlib
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "localaik" / "llama" / "tiny"
ROW = re.compile(r"\| `(\S+\.gguf)` \| (\d+) \| `([0-9a-f]{64})` \|")


def test_the_shipped_files_are_those_of_the_model_card():
    card = (ROOT / "models" / "tiny" / "README.md").read_text()
    stated = {name: (int(size), digest) for name, size, digest in ROW.findall(card)}
    shipped = {path.name: path.read_bytes() for path in SHIPPED.glob("*.gguf")}
    assert stated == {
        name: (len(content), hashlib.sha256(content).hexdigest())
        for name, content in shipped.items()
    }
    assert sorted(shipped) == ["tiny-mmproj.gguf", "tiny.gguf"]


def test_the_shipped_files_are_small():
    assert sum(path.stat().st_size for path in SHIPPED.glob("*.gguf")) < 6 * 1024**2

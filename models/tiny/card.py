"""Write the sizes and SHA-256 of the shipped files into the model card."""

import hashlib
import re
from pathlib import Path

from export import FOLDER

CARD = Path(__file__).parent / "README.md"
TABLE = re.compile(r"(<!-- files -->\n).*?(<!-- end of files -->)", re.DOTALL)


def main() -> None:
    """Rewrite the card's table of files."""
    rows = ["| file | bytes | SHA-256 |", "| --- | --- | --- |"]
    for path in sorted(FOLDER.glob("*.gguf")):
        content = path.read_bytes()
        rows.append(
            f"| `{path.name}` | {len(content)} | `{hashlib.sha256(content).hexdigest()}` |"
        )
    table = "\n".join(rows)
    CARD.write_text(TABLE.sub(rf"\g<1>{table}\n\g<2>", CARD.read_text()))


if __name__ == "__main__":
    main()

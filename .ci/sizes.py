"""List the files that ask to be split (STYLE.md): a list to read, not a gate, but for files of twice the size."""

import subprocess
import sys
from pathlib import Path

LIMITS = {".py": 400, ".html": 120, ".css": 300, ".js": 200}


def main() -> int:
    """Print the large files, largest overshoot first; fail for one of more than twice its size."""
    names = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout.splitlines()
    large = []
    for path in map(Path, names):
        limit = LIMITS.get(path.suffix)
        if limit is None or "migrations" in path.parts or not path.exists():
            continue
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > limit:
            large.append((lines / limit, lines, limit, path))
    for _, lines, limit, path in sorted(large, reverse=True):
        print(f"{lines:5} lines (about {limit} wanted)  {path}")
    return 1 if any(ratio > 2 for ratio, *_ in large) else 0


sys.exit(main())

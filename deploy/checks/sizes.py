"""A Python file has at most 400 lines, a function 60: more does not fit a reader's head."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from deploy.checks.tracked import texts

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60


def oversized(path: Path, text: str) -> Iterator[str]:
    count = len(text.splitlines())
    if count > FILE_LINES_MAX:
        yield f"{path}: {count} lines, {FILE_LINES_MAX} is our limit"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            count = (node.end_lineno or node.lineno) - node.lineno + 1
            if count > FUNCTION_LINES_MAX:
                limit = f"{FUNCTION_LINES_MAX} is our limit"
                yield f"{path}:{node.lineno}: {node.name} has {count} lines, {limit}"


def main() -> int:
    """Migrations are exempt: they are written once and never edited."""
    found = [
        line
        for path, text in texts()
        if path.suffix == ".py" and "migrations" not in path.parts
        for line in oversized(path, text)
    ]
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

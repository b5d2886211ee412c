"""Make the golden document anew: ``python -m tests.contract.write_openapi``; then read the diff.

What hangs on it, the Python client among them, is made anew, too.
"""

from __future__ import annotations

from integrations.generate.everything import write
from tests.contract.test_openapi import GOLDEN, printed, whole_document

if __name__ == "__main__":
    GOLDEN.write_text(printed(whole_document()), encoding="utf-8")
    write()

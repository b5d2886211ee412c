"""Make anew what hangs on the OpenAPI document: ``python -m integrations.generate``."""

from __future__ import annotations

from integrations.generate.everything import write

if __name__ == "__main__":
    write()

"""Everything that is made of the OpenAPI document, and where it lies."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from integrations.generate.openapi30 import as_openapi30
from integrations.generate.postman import as_postman
from integrations.generate.python_client import ASYNC, SYNC, client_module
from integrations.generate.python_types import types_module

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENT = PROJECT / "tests" / "contract" / "openapi.json"
GENERATED = Path("integrations/python-client/src/harmonie_client/generated")


def everything(document: dict[str, Any]) -> Mapping[Path, str]:
    """Path below the project to what belongs there."""
    return {
        Path("integrations/openapi/openapi-3.0.json"): _json(as_openapi30(document)),
        Path("integrations/postman/harmonie.postman_collection.json"): _json(as_postman(document)),
        GENERATED / "types.py": _tidy(types_module(document)),
        GENERATED / "blocking.py": _tidy(client_module(document, SYNC)),
        GENERATED / "awaiting.py": _tidy(client_module(document, ASYNC)),
    }


def write() -> None:
    """Write all of it."""
    document = json.loads(DOCUMENT.read_text("utf-8"))
    for path, text in everything(document).items():
        (PROJECT / path).parent.mkdir(parents=True, exist_ok=True)
        (PROJECT / path).write_text(text, "utf-8")


def _tidy(module: str) -> str:
    """As ruff writes it, without the imports that nothing needs."""
    ruff = str(Path(sys.executable).with_name("ruff"))
    for order in (["check", "--fix", "--quiet", "--select", "F401"], ["format"]):
        command = [ruff, *order, "--stdin-filename", str(PROJECT / "made.py"), "-"]
        done = subprocess.run(  # noqa: S603 - our own words
            command, input=module, capture_output=True, text=True, check=True
        )
        module = done.stdout
    return module


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"

"""New music from words, written to a file: compose.py WORDS."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from harmonie_client import Client, HarmonieApiError, HarmonieUnreachableError

FILE = Path("composed.mp3")


def main(words: str) -> int:
    """Wait for the piece and save it."""
    url = os.environ.get("HARMONIE_URL", "http://127.0.0.1:8842")
    with Client(url, api_key=os.environ.get("HARMONIE_API_KEY")) as client:
        try:
            piece = client.harmonie.compose({"prompt": words})
            while (version := piece["made"]) is None or version["state"] in (
                "waiting",
                "composing",
            ):
                time.sleep(0.5)
                piece = client.harmonie.get_composition(piece["id"])
            if version["state"] != "composed":
                print(version["error"] or version["state"], file=sys.stderr)
                return 1
            with FILE.open("wb") as file:
                size = client.harmonie.get_audio(piece["id"], file)
        except (HarmonieApiError, HarmonieUnreachableError) as error:
            print(error, file=sys.stderr)
            return 1
    print(f"{piece['title']}: {size} bytes in {FILE}")
    return 0


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:]) or "a minute of calm piano"))

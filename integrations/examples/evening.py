"""From how somebody feels to a playlist that is kept: evening.py WORDS."""

from __future__ import annotations

import os
import sys

from harmonie_client import Client, HarmonieApiError, HarmonieUnreachableError


def main(words: str) -> int:
    """Print the mood and the playlist."""
    url = os.environ.get("HARMONIE_URL", "http://127.0.0.1:8842")
    with Client(url, api_key=os.environ.get("HARMONIE_API_KEY")) as client:
        try:
            mood = client.beatteller.analyze_mood({"text": words})["mood_analysis"]
            wish = {"theme": words, "mood": mood["primary_mood"], "duration_minutes": 45}
            made = client.beatteller.generate_playlist({**wish, "save": True})["playlist"]
        except (HarmonieApiError, HarmonieUnreachableError) as error:
            print(error, file=sys.stderr)
            return 1
    print(f"{mood['primary_mood']}: {made['name']}, {made['total_duration_minutes']} minutes")
    for track in made["tracks"]:
        print(f"{track['position']:>3}  {track['artist'] or '?'} - {track['name']}")
    return 0


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:]) or "a quiet evening"))

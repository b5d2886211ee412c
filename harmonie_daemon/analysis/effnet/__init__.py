"""Discogs-EffNet: 1280 numbers and 400 style probabilities, from weights the user fetched."""

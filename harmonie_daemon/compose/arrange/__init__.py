"""The arrangers: each writes one thing that sounds, or one layer of how it is played."""

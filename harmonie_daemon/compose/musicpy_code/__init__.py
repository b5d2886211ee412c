"""Programs in a dialect of musicpy, worked through step by step in a jailed process."""

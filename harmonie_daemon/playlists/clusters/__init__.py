"""Groups of tracks that sound alike, found in a worker, as playlists with moods for names."""

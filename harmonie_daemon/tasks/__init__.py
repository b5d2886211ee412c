"""Work that takes a while: scanning, refreshing playlists, and the clock that starts it."""

"""From what is seen of playing, now and then, to plays; knows no server."""

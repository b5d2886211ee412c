"""Music that is asked for in words: a brief, a program, and what it plays."""

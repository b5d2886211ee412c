"""An HTTP toolkit that knows no API family."""

"""The vocabulary: frozen values and closed sets, no input or output."""

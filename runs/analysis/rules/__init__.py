"""Rules: one diagnosis a file; the file's name is the id. Docstring: claim, threshold and why, what would refute it, source."""

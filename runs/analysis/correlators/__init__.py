"""Correlators: facts of several files joined into facts of another type, one type a file."""

"""Tests of the lines that the file table shows."""

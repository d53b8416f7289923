"""Captures: what the frames show."""

from runs.analysis.summaries._capture_lines import summary

__all__ = ["summary"]

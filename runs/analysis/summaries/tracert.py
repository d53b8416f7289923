"""tracert: how far it came, and who says no."""

from runs.analysis.summaries._path_lines import summary

__all__ = ["summary"]

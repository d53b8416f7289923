"""`route print`: where the default goes."""

from runs.analysis.summaries._route_lines import summary

__all__ = ["summary"]

"""Neighbours (`ip neigh`): who is known and who does not answer."""

from runs.analysis.summaries._neighbour_lines import summary

__all__ = ["summary"]

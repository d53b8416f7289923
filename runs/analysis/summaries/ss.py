"""ss: who listens where, and how many are connected."""

from runs.analysis.summaries._socket_lines import summary

__all__ = ["summary"]

"""nstat: the counters that tell of trouble."""

from runs.analysis.summaries._socket_lines import summary

__all__ = ["summary"]

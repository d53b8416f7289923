"""`ifconfig`: which interfaces are up, with which addresses."""

from runs.analysis.summaries._interface_lines import summary

__all__ = ["summary"]

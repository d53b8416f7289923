"""pathping: loss and delay at the last hop, and from which hop on the loss stays."""

from runs.analysis.summaries.mtr import summary

__all__ = ["summary"]

"""Texts with times: entries, errors and warnings, the stretch they cover, and what repeats most."""

from runs.analysis.summaries._log_lines import summary

__all__ = ["summary"]

"""`ip route`: where the default goes, and which prefixes are refused."""

from runs.analysis.summaries._route_lines import summary

__all__ = ["summary"]

"""What docker tells of containers: states, exit codes, published ports."""

from runs.analysis.summaries._container_lines import summary

__all__ = ["summary"]

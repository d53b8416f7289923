"""Two runs, or two parts of one, side by side: attempts by phase, frame by frame, findings, log templates, timings.

Pure: reports, tables and facts in, a `Comparison` out. What was not captured on one side is not comparable, never the same.
"""

"""One evidence kind a file: what it looks like, and what it says. The file name is the kind."""

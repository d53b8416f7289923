"""What the portal does: each service takes domain objects, never a request, and is the only writer of its tables."""

"""What several parsers, correlators and rules know: times, addresses, secrets, filters."""

"""The tests mirror the tree; what they share stands here."""

"""Captures: frame records, header columns, TCP analysis, conversations, dissection. dpkt and numba are used only here."""

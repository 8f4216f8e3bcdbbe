"""The servers of Tunggal. They meet only on the wire."""

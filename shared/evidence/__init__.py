"""What both services need of evidence: where images lie, and what is refused about them."""

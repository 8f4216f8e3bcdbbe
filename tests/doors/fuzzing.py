"""How hard the doors are tried: a little with every change, hard by `make security FULL=1`."""

import os

IS_FULL = "SECURITY_FULL" in os.environ
DOCUMENTED_CASES = 50 if IS_FULL else 4  # of one operation, made from its document
ODD_CASES = 200 if IS_FULL else 20  # of one operation and one kind of oddity

"""Printing: a permission is verified without the line, spent once, its card followed to its holder.

Owns: `print_authorization` (written by the feed reader), `card`. Takes: permissions, blank serials.
Gives: card data to the printer, card receipts to the outbox. Never: prints without a permission or
twice with one; a crash between intent and result voids the blank.
"""

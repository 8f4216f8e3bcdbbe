"""The doctor: looks at a machine and its services, names the cause of a trouble and its fix.

Owns: nothing; it only looks. Takes: a folder, addresses, the environment. Gives: findings, one per
check, and an exit code. Never: changes anything, repeats a secret or a person's data.
"""

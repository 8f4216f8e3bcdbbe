"""The `tunggal` command: it starts, shows and explains a running system."""

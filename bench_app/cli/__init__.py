"""The command ``zmq-bench`` in a terminal: commands, live table, result tables, ``listen`` and ``send``."""

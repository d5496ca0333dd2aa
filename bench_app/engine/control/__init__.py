"""Typed messages between the session and its workers: the messages, the session's end, the worker's end."""

"""Effective capacity: how many messages a connection takes while its consumer reads nothing, and where they wait.

handler queue -> **sender's pipe -> encoder -> kernel -> decoder -> receiver's pipe** -> consumer.
"""

from __future__ import annotations

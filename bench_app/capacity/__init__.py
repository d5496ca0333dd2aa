"""Effective capacity: how many messages a connection takes while its consumer stands still, and where they sit.

handler queue -> **sender's pipe -> encoder -> kernel -> decoder -> receiver's pipe** -> consumer.
"""

from __future__ import annotations

"""Handlers and clients for user programs: :class:`Output`, :class:`ZmqClient`."""

"""The handlers for a program of one's own: :class:`Output`, :class:`ZmqClient`."""

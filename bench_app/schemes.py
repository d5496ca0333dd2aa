"""The public names of the schemes: which handler a uri makes, and how to add a scheme of your own.

The code is in ``bench_app.library.schemes``.
"""

from bench_app.library.schemes import Handler, factory_for, make_zmq_handler, register, unregister

__all__ = ["Handler", "factory_for", "make_zmq_handler", "register", "unregister"]

"""Sockets and what travels on them: endpoints, options, bind and connect, connections watched, frames and stamps."""

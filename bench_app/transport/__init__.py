"""Sockets and their messages: endpoints, options, bind and connect, connections, frames and stamps."""

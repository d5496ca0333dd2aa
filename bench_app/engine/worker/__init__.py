"""What runs in a worker process: handler units, listener units, the pacer, contexts."""

"""Programs of users: each is checked by strict type checkers, and runs in a test."""

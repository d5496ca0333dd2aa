"""The run under way, the kept runs in the archive, and measurements of capacity. No widgets."""

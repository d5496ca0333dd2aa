"""Results in the formats of others: a page to send, JUnit, CSV, Markdown, Prometheus, Perfetto."""

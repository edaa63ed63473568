"""A local ARM over HTTPS that serves the bundled fixtures."""

"""The heart: what happened, by whose hand, since when, and how sure. Pure."""

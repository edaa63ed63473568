"""The shared vocabulary: frozen data, no I/O."""

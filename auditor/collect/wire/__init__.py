"""One file per ARM type: REST JSON to typed struct to model."""

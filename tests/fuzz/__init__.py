"""Property tests: generated issues and mangled files. `PVD_FUZZ` multiplies how many."""

"""Many runs of a preset with changed values: grids of settings, and pairs of two settings."""

"""A preset from file to specs: read, validated, checked across, defaults filled in, saved again."""

"""The tuning lab: trials of a preset with changed values -> what a link carries, which high-water mark it needs."""

"""What the presentation shows: caption, scene, sum in words, buttons for faults."""

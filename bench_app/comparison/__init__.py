"""Whether one set of runs differs from another: results -> metrics of each run -> shift, interval, spread."""

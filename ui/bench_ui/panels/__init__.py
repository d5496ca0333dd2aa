"""The parts of the window around the plots: run bar, handlers, flow strip, inspector, tabs, gallery, dialogs."""

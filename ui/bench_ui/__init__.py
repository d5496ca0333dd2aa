"""The window: Session -> workbench -> panels and plots. Only this package imports Qt. It touches no data socket."""

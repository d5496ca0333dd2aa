"""The window: Session -> workbench -> panels and plots. Only this package knows Qt; no data socket is ever touched."""

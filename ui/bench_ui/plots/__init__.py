"""The plots: time series and histograms -> curve data -> plots. One module per plot, drawn on a clock."""

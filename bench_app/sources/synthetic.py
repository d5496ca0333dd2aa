def event_for_sink(sink):
    return "detection"

"""Messages out of captures of network traffic: pcap file -> packets -> TCP streams -> ZMTP -> **recording**."""

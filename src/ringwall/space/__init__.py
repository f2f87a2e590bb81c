"""The mathematics of packets: exact sets of integers and of whole packets; knows nothing of AWS."""

"""The mathematics of packets: exact sets of integers and their atoms; knows nothing of AWS."""

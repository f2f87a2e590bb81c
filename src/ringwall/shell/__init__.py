"""The product's input and output: AWS, files, clock, journal and lock; it decides nothing.

Rules:
- Only `aws` imports boto3, and only when a Cloud is made.
- Foreign exceptions stop here: what leaves is a RingwallError.
- Time is a port: nothing here sleeps or asks the time but through a Clock.
"""

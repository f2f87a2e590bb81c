"""AWS on the desk: moto's server, with the gaps closed that a network deployer meets.

Rules
- Importing this package costs nothing: moto is imported when a lab starts.
- A lab listens on 127.0.0.1 and nowhere else; its credentials are made up and open nothing.
- Every behaviour that moto lacks stands in `behaviours.py`, with AWS's words and a probe test.
- What is proven against the lab is proven against our reading of AWS, not against AWS.
"""

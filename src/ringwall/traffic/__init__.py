"""What the wire said, as data: the fields of logs, the tables of a store, addresses as integers.

Input: lines of VPC and Transit Gateway flow logs and of resolver query logs. Output: rows.
"""

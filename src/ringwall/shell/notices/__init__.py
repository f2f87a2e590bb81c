"""Notices to people and to other tools: topics, webhooks, Security Hub, findings in a bucket.

Rule: what cannot be told is an OutsideError that names the channel, and never its address.
"""

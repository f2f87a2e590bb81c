"""A network, a seed and hours → the log records that AWS would have written, and the truth.

Stages: `estate` (who is there), `meant` (who talks to whom), `benign` and `attacks`
(conversations), `courses` (which interfaces see a conversation, and with which verdict), `windows`
(records), `lines` (text), `delivery` (files). `truth` says what was put in.

Rules:
- Everything hangs on the network and the seed alone.
- What passes and what is rejected is the tracer's word. What the tracer does not know is left out
  and listed in the truth, by name.
"""

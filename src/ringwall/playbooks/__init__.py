"""One file per response: what it answers, its plan as data, its way back, its residual risk."""

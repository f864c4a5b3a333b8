"""Films that arrive in pieces (tus 1.0): their bytes, their rules, what follows."""

"""Learns vectors from a snapshot of the graph. The only package that uses torch.

Nothing is imported here: ``training.train.train`` is the entry point and belongs in a process
of its own.
"""

import warnings

# Said at every start, and nothing a site could do about it.
warnings.filterwarnings("ignore", message="`torch.jit.script` is deprecated")
warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")

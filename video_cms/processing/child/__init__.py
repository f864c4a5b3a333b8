"""The child process: opens files that may be hostile, and knows nothing else of the site.

Run by ``pool.Worker``. Each line on standard input is a request in JSON; lines on standard output
say how far it is (``progress``) and end with what came of it (``done``, or ``error``: a code of
``probe.REASONS``). It imports PyAV and the standard library only, and its parent kills it when it
takes too long.
"""

from __future__ import annotations

import errno

#: What the system says when a file cannot grow.
NO_SPACE = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT})

"""How static files are kept in production."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

#: ``import { names } from "./other.js";`` at the start of a line.
IMPORT = r"""(?m)^(?P<matched>import (?P<names>\{[^}]*\}) from "(?P<url>\./[^"]+)";)"""


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Names files by their content, also where a theme's script imports another: none is stale.

    Patterns are held against the path inside a theme. Django's own rule for modules,
    ``support_js_module_import_aggregation``, stumbles over packages' scripts.
    """

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("js/*.js", ((IMPORT, 'import %(names)s from "%(url)s";'),)),
    )

"""How the rest of the web finds, shows and embeds what is here, one module per subject."""

"""From the bytes of a file to articles: one module a format, of which `registry` picks one."""

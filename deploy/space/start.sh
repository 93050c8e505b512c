#!/bin/sh
# Serves the page of a Space: with the articles that were put there, else with the bundled ones; behind a login where the
# Space's secret CITEWIRE_PEOPLE holds lines of `citewire password`.
set -eu
set -- --host 0.0.0.0 --port "${PORT:-7860}" --mcp
if [ -d "$HOME/library" ]; then
    set -- "$@" --library "$HOME/library"
fi
if [ -n "${CITEWIRE_PEOPLE:-}" ]; then
    people=$(mktemp)
    printf '%s\n' "$CITEWIRE_PEOPLE" > "$people"
    set -- "$@" --auth-file "$people"
fi
unset CITEWIRE_PEOPLE
exec citewire serve "$@"

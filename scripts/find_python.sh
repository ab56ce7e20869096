#!/usr/bin/env bash
# Print the path of the first Python that really starts, for the versions asked (default: 3.12, then 3.11).
# Looks on the PATH, then among pyenv's versions, then asks uv. Exit code 1 and nothing printed: none was found.
#
#   scripts/find_python.sh [VERSION …]
set -u

works() { # a pyenv shim exists even for versions that are switched off, so it is not enough that the file is there
  "$1" -c "import sys, ssl, sqlite3; sys.exit('%d.%d' % sys.version_info[:2] != '$2')" >/dev/null 2>&1
}

[ $# -gt 0 ] || set -- 3.12 3.11
for version in "$@"; do
  for candidate in "python$version" python3 python \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$version"*/bin/python \
    "$(uv python find --no-project --system "$version" 2>/dev/null || true)"; do
    [ -n "$candidate" ] || continue
    path=$(command -v "$candidate" 2>/dev/null) || continue
    if works "$path" "$version"; then
      "$path" -c "import sys; print(sys.executable)"
      exit 0
    fi
  done
done
exit 1

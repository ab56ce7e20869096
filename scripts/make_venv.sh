#!/usr/bin/env bash
# Make a virtual environment with everything the project needs, at the versions of constraints.txt.
#
#   scripts/make_venv.sh FOLDER [PYTHON [REQUIREMENT …]]
#
# PYTHON       an interpreter of version 3.11 or 3.12 (default: the first that is found)
# REQUIREMENT  what to install (default: this checkout, editable, with the extras test, lint, notebook and docs)
#
# uv does the work where it is there (seconds), else venv and pip (a minute or two). Nothing outside FOLDER is changed.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
folder=${1:?usage: make_venv.sh FOLDER [PYTHON [REQUIREMENT …]]}
python=${2:-}
[ $# -lt 2 ] || shift
shift
[ $# -gt 0 ] || set -- -e "$root[test,lint,notebook,docs]"

has_uv() { command -v uv >/dev/null 2>&1 && uv --version >/dev/null 2>&1; }

[ -n "$python" ] || python=$("$root/scripts/find_python.sh" || true)
if [ -z "$python" ]; then
  if has_uv; then
    python=3.12 # uv fetches one
  else
    echo "No Python 3.11 or 3.12 found. Install one (for instance: apt install python3.12 python3.12-venv, or pyenv install 3.12)." >&2
    exit 1
  fi
fi

# A line of several roots would let a project's own settings (conda, PYTHONPATH) leak in.
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV CONDA_PREFIX || true
if has_uv; then
  uv venv --quiet --clear --no-project --python "$python" "$folder"
  uv pip install --quiet --python "$folder/bin/python" --constraint "$root/constraints.txt" "$@"
else
  if ! "$python" -m venv --clear "$folder"; then
    echo "The module venv of $python does not work. On Debian and Ubuntu: apt install python3-venv." >&2
    exit 1
  fi
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --constraint "$root/constraints.txt" "$@"
fi
echo "$("$folder/bin/python" -V) in $folder"

import sys
from pathlib import Path

# Streets are drawn by the same helper as in the tests of the network; the district stands beside this file.
sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[2] / "network")]

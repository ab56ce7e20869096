import sys
from pathlib import Path

# Streets are drawn by the same helper as in the tests of the network.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "network"))

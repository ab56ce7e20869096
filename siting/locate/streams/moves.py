"""What closing, opening and exchanging stations would change, told by prices before anything is moved."""

import numba
import numpy as np
from numpy.typing import NDArray


@numba.njit(cache=True, nogil=True)
def station_changes(
    supply: NDArray[np.float64], stream: NDArray[np.int64], collect: NDArray[np.float64], ahead: NDArray[np.float64],
    straight: NDArray[np.float64], worst: float, here: NDArray[np.int64], there: NDArray[np.int64],
    price: NDArray[np.float64], room: NDArray[np.float64], opening: NDArray[np.float64],
) -> NDArray[np.float64]:  # fmt: skip
    """Return about how much the total changes; the last row closes nothing, the last column opens nothing.

    Closing a station sends its rows the next best way at the prices of room, which the others cannot better. Opening
    one takes over what becomes cheaper; where that is more than it holds, its share of it.

    Parameters
    ----------
    ahead : cost behind each station, stream by station
    straight : cost of each row past all stations
    here, there : stations that are open, and those that might be
    price : of the room of stations that are open
    """
    n, n_here, n_there = len(supply), len(here), len(there)
    best, second = np.empty(n), np.empty(n)
    who = np.full(n, -1)
    for r in range(n):
        s = stream[r]
        best[r], second[r] = min(worst, straight[r]), worst
        for at in range(n_here):
            way = collect[r, here[at]] + ahead[s, here[at]] + price[here[at]]
            if way < best[r]:
                best[r], second[r], who[r] = way, best[r], at
            elif way < second[r]:
                second[r] = way
    closed = np.zeros(n_here + 1)
    for at in range(n_here):
        closed[at] = room[here[at]] * price[here[at]] - opening[here[at]]
    for r in range(n):
        if who[r] >= 0:
            closed[who[r]] += supply[r] * (second[r] - best[r])
    change = np.zeros((n_here + 1, n_there + 1))
    change[:, n_there] = closed
    gain, load = np.empty(n_here + 1), np.empty(n_here + 1)
    for new in range(n_there):
        j = there[new]
        gain[:], load[:] = 0.0, 0.0
        everywhere, amount = 0.0, 0.0
        for r in range(n):
            way = collect[r, j] + ahead[stream[r], j]
            if way < best[r]:
                everywhere += supply[r] * (best[r] - way)
                amount += supply[r]
                if who[r] >= 0:
                    gain[who[r]] += supply[r] * (second[r] - best[r])
            elif way < second[r] and who[r] >= 0:
                gain[who[r]] += supply[r] * (second[r] - way)
                load[who[r]] += supply[r]
        for at in range(n_here + 1):
            total, held = everywhere + gain[at], amount + load[at]
            part = 1.0 if held <= room[j] else room[j] / held
            change[at, new] = closed[at] + opening[j] - part * total
    return change

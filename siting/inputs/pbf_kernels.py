"""Compiled decoding of what OSM's binary format packs into bytes: nodes, and ways with their tags and nodes.

Nothing here knows of files or streets. Anything out of the ordinary raises: the caller then leaves the file to osmium.
"""

# The kernels take and return arrays whose shapes their docstrings give; numba types them at the first call.
import numpy as np
from numba import njit

LENGTH_DELIMITED = 2


@njit(cache=True, nogil=True)
def varint(data, at):  # type: ignore[no-untyped-def]
    """One variable-length number; returns it and where the next begins."""
    value = np.uint64(0)
    shift = np.uint64(0)
    while True:
        if at < 0 or at >= len(data):  # compiled code does not look where it reads
            raise ValueError("a number beyond the end")
        byte = data[at]
        at += 1
        value |= np.uint64(byte & 0x7F) << shift
        if byte < 0x80:
            return np.int64(value), at
        shift += np.uint64(7)
        if shift > 63:
            raise ValueError("a number is too long")


@njit(cache=True, nogil=True)
def zigzag(value):  # type: ignore[no-untyped-def]
    """Turn an unsigned number into the signed one it stands for."""
    return np.int64(np.uint64(value) >> np.uint64(1)) ^ -(value & 1)


@njit(cache=True, nogil=True)
def next_field(data, at, stop):  # type: ignore[no-untyped-def]
    """Return number and kind of the next field of a message, and the bounds of its content."""
    key, at = varint(data, at)
    number, kind = key >> 3, key & 7
    if kind == 2:
        size, at = varint(data, at)
        end = at + size
    elif kind == 0:
        _, end = varint(data, at)
    elif kind == 1:
        end = at + 8
    elif kind == 5:
        end = at + 4
    else:
        raise ValueError("a kind of field that there is not")
    if end > stop or end < at:
        raise ValueError("a field is longer than its message")
    return number, kind, at, end


@njit(cache=True, nogil=True)
def fields(data, start, stop):  # type: ignore[no-untyped-def]
    """Return number, kind, begin and end of all fields of a message, shape (n, 4)."""
    n = 0
    at = start
    while at < stop:
        _, _, _, at = next_field(data, at, stop)
        n += 1
    found = np.empty((n, 4), np.int64)
    at = start
    for k in range(n):
        number, kind, first, at = next_field(data, at, stop)
        found[k, 0], found[k, 1], found[k, 2], found[k, 3] = number, kind, first, at
    return found


@njit(cache=True, nogil=True)
def roles_of(data, strings, names, name_ptr):  # type: ignore[no-untyped-def]
    """Which of the given names each string of a block is, −1 for none.

    Parameters
    ----------
    strings : shape (n, 4), `fields` of the string table
    names, name_ptr : bytes of the names in compressed rows
    """
    role = np.full(len(strings), -1, np.int32)
    for s in range(len(strings)):
        first, end = strings[s, 2], strings[s, 3]
        for r in range(len(name_ptr) - 1):
            if name_ptr[r + 1] - name_ptr[r] != end - first:
                continue
            same = True
            for k in range(end - first):
                if names[name_ptr[r] + k] != data[first + k]:
                    same = False
                    break
            if same:
                role[s] = r
                break
    return role


@njit(cache=True, nogil=True)
def deltas(data, start, stop):  # type: ignore[no-untyped-def]
    """Return the running sums of packed signed numbers."""
    n = 0
    for at in range(start, stop):
        n += data[at] < 0x80
    made = np.empty(n, np.int64)
    total = np.int64(0)
    at = start
    for k in range(n):
        value, at = varint(data, at)
        total += zigzag(value)
        made[k] = total
    if at != stop:
        raise ValueError("packed numbers end in the middle of one")
    return made


@njit(cache=True, nogil=True)
def dense_nodes(data, start, stop):  # type: ignore[no-untyped-def]
    """Ids, latitudes and longitudes (units of the block) of a group of dense nodes."""
    parts = fields(data, start, stop)
    ids, lat, lon = np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64)
    for p in range(len(parts)):
        number, kind, first, end = parts[p, 0], parts[p, 1], parts[p, 2], parts[p, 3]
        if number == 1 or number == 8 or number == 9:
            if kind != LENGTH_DELIMITED:
                raise ValueError("nodes that are not packed")
            if number == 1:
                ids = deltas(data, first, end)
            elif number == 8:
                lat = deltas(data, first, end)
            else:
                lon = deltas(data, first, end)
    if len(ids) != len(lat) or len(ids) != len(lon):
        raise ValueError("nodes and coordinates disagree")
    return ids, lat, lon


@njit(cache=True, nogil=True)
def ways(data, groups, role, n_role, is_way_role, deciding, wanted):  # type: ignore[no-untyped-def]
    """Ways that carry a key of interest, or whose id is wanted.

    Parameters
    ----------
    groups : shape (n, 4), `fields` of a group; those numbered 3 are ways
    role : for each string of the block, which tag key it is, −1 for one that is not looked at
    is_way_role : shape (n_role,), whether the key makes a way one of interest
    deciding : shape (n_role,), whether ways that differ in this key are of different sets
    wanted : ids, ascending

    Returns
    -------
    n, n_ref : how many ways and nodes there are; the arrays are longer
    id : shape (n,)
    value : shape (n, n_role), position of the tag's value in the string table, −1 where the way has no such tag
    mixed : shape (n,), equal for ways of the same set, and as good as never for others
    size : shape (n,), number of nodes
    ref : shape (n_ref,), nodes of all ways, one after the other
    """
    most = 0
    most_refs = 0
    for g in range(len(groups)):
        if groups[g, 0] == 3:
            most += 1
            most_refs += groups[g, 3] - groups[g, 2]
    way_id, size = np.empty(most, np.int64), np.empty(most, np.int64)
    value = np.empty((most, n_role), np.int32)
    mixed = np.empty(most, np.uint64)
    ref = np.empty(most_refs, np.int64)
    n = 0
    n_ref = 0
    for g in range(len(groups)):
        if groups[g, 0] != 3:
            continue
        number_of_way = np.int64(-1)
        key_at = key_end = val_at = val_end = ref_at = ref_end = np.int64(0)
        at, stop = groups[g, 2], groups[g, 3]
        while at < stop:
            number, kind, first, end = next_field(data, at, stop)
            at = end
            if number == 1:
                number_of_way, _ = varint(data, first)
            elif number == 2 or number == 3 or number == 8:
                if kind != LENGTH_DELIMITED:
                    raise ValueError("tags or nodes that are not packed")
                if number == 2:
                    key_at, key_end = first, end
                elif number == 3:
                    val_at, val_end = first, end
                else:
                    ref_at, ref_end = first, end
        for r in range(n_role):
            value[n, r] = -1
        takes = False
        while key_at < key_end:
            if val_at >= val_end:
                raise ValueError("keys without values")
            key, key_at = varint(data, key_at)
            val, val_at = varint(data, val_at)
            if key < 0 or key >= len(role) or val < 0 or val >= len(role):
                raise ValueError("a text that the table lacks")
            r = role[key]
            if r >= 0:
                value[n, r] = val
                takes = takes or is_way_role[r]
        low, high = 0, len(wanted)
        while not takes and low < high:
            k = (low + high) >> 1
            if wanted[k] < number_of_way:
                low = k + 1
            else:
                high = k
                takes = wanted[k] == number_of_way
        if not takes:
            continue
        node = np.int64(0)
        before = n_ref
        while ref_at < ref_end:
            step, ref_at = varint(data, ref_at)
            node += zigzag(step)
            ref[n_ref] = node
            n_ref += 1
        if ref_at != ref_end:
            raise ValueError("packed numbers end in the middle of one")
        mix = np.uint64(0)
        for r in range(n_role):
            if deciding[r]:
                mix = (mix ^ np.uint64(value[n, r] + 1)) * np.uint64(0x9E3779B97F4A7C15)
                mix ^= mix >> np.uint64(29)
        mixed[n] = mix
        way_id[n], size[n] = number_of_way, n_ref - before
        n += 1
    return n, n_ref, way_id, value, mixed, size, ref

"""Damage to files: of their bytes, and of what their formats say."""

import gzip
import io
import json
import struct
import zipfile
import zlib
from contextlib import suppress
from random import Random
from typing import Any

import h5py
import numpy as np
from fuzz_files import opened, tensors_in

from canns._tensors import _checksum

_NUMBERS = (0, 1, 2, 3, 7, 127, 255, 256, 4096, 65535, 65536, 2**24, 2**31 - 1, 2**31, 2**32 - 1)
_WORDS = (
    None, True, False, -1, 0, 1, 10**9, 10**12, 10**18, 10**400, 0.5, -0.0, 1e308, float("nan"),
    float("inf"), "", "x", "x" * 3000, "\0", "../../etc/passwd", "__class__", "é\u202e", [], {},
    [[]], [1] * 300, {"class": "LIF"}, {"class": "object"}, {"array": "nothing"}, {"a": 1, "b": 2},
)  # fmt: skip
_MAGIC = (
    b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n", b"8BPS\0\1", b"%PDF-1.7\n",
    b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"BM", b"II*\0", b"MM\0*", b"P6\n",
    b"RIFF\xff\xff\xff\xffWEBP", b"SIMPLE  =", b"\x93NUMPY\1\0", b"PK\3\4", b"\x1f\x8b\x08",
    b"\x89HDF\r\n\x1a\n", b"\x80\x04]\x94.", b"\xef\xbb\xbf", b"\xff\xfe", b"",
)  # fmt: skip


def damaged(kind: str, content: bytes, rng: Random) -> bytes:
    """Return a damaged copy of a file of a kind."""
    own = {
        "saved": _saved,
        "npy": _npy,
        "npz": _npz,
        "csv": _table,
        "idx": _numbers_early,
        "gz": _packed,
        "picture": _picture,
        "nir": _graph,
    }
    if rng.random() < 0.25:
        return _bytes(content, rng)
    found = own[kind](content, rng)
    return _bytes(found, rng) if rng.random() < 0.1 else found


def _bytes(content: bytes, rng: Random) -> bytes:
    """Flip bits, cut, repeat, put in or swap bytes, or change the first ones."""
    data, way = bytearray(content), rng.randrange(7)
    if way == 0:
        for _ in range(rng.choice((1, 1, 2, 8, 64))):
            if data:
                data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif way == 1:
        del data[rng.randrange(len(data) + 1) :]
    elif way == 2:
        at = rng.randrange(len(data) + 1)
        data[at:at] = rng.randbytes(rng.choice((1, 4, 100)))
    elif way == 3:
        at = rng.randrange(len(data) + 1)
        del data[at : at + rng.choice((1, 4, 16))]
    elif way == 4:
        magic = rng.choice(_MAGIC)
        data[: len(magic) * rng.randrange(2)] = magic
    elif way == 5:
        return _numbers_early(content, rng, len(data))
    else:
        data += rng.choice((bytes(data), rng.randbytes(10), b"\0" * 5000))
    return bytes(data)


def _numbers_early(content: bytes, rng: Random, within: int = 64) -> bytes:
    """Put another number among the first bytes, where sizes are."""
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 3))):
        width = rng.choice("BHIQ")
        number = rng.choice(_NUMBERS) % 2 ** (8 * struct.calcsize(width))
        put = struct.pack(rng.choice("<>") + width, number)
        at = rng.randrange(max(min(within, len(data)), 1))
        data[at : at + len(put)] = put
    return bytes(data)


def _places(value: Any, path: tuple = ()) -> list[tuple]:
    found = [path]
    if isinstance(value, dict | list):
        inside = value.items() if isinstance(value, dict) else enumerate(value)
        for key, each in inside:
            found += _places(each, (*path, key))
    return found


def _changed(value: Any, rng: Random) -> Any:
    """Return JSON with one part put in another's place, taken away, renamed or made deep."""
    path = rng.choice(_places(value))
    if not path:
        return rng.choice(_WORDS)
    *way, last = path
    holder = value
    for key in way:
        holder = holder[key]
    change = rng.randrange(8)
    if change == 0:
        del holder[last]
    elif change == 1 and isinstance(holder, dict):
        holder[rng.choice(("", "unknown", "class", "W", "x" * 500))] = holder.pop(last)
    elif change == 2 and isinstance(holder[last], int | float):
        holder[last] = rng.choice((holder[last] + 1, -holder[last], holder[last] * 10**6, 10**7))
    elif change == 3:
        deep: Any = 1
        for _ in range(rng.choice((50, 200, 900))):
            deep = [deep]
        holder[last] = deep
    else:
        holder[last] = rng.choice(_WORDS)
    return value


def _dumped(value: Any, rng: Random) -> str:
    with suppress(RecursionError, ValueError):
        text = json.dumps(value)
        way = rng.randrange(30)
        if way == 0:
            return "[" * rng.choice((10, 1000, 100_000)) + text
        if way == 1 and text.startswith("{"):
            return text[:-1] + "," + text[1:]  # every key twice
        return text if way > 2 else text[: len(text) // 2]
    return "1" * 5000


def _saved(content: bytes, rng: Random) -> bytes:
    """Change what a safetensors file says; most often with a checksum that is right again."""
    header, body = tensors_in(content)
    notes = header.get("__metadata__", {})
    tensors = [name for name in header if name != "__metadata__"]
    way, raw = rng.randrange(10), bytearray(body)
    if way < 5:
        key = rng.choice(sorted(notes))
        try:
            notes[key] = _dumped(_changed(json.loads(notes[key]), rng), rng)
        except ValueError:  # a word
            other = ("canns-model-1", "canns-result-1", "canns-checkpoint-1", "LinearLayer", "x")
            notes[key] = rng.choice(other)
        if rng.random() < 0.1:
            notes.pop(rng.choice(sorted(notes)))
    elif way == 5 and raw:
        kind = rng.choice("fe")
        put = struct.pack(f"<{kind}", rng.choice((float("nan"), float("inf"), -1.0, 0.0)))
        at = rng.randrange(len(raw))
        raw[at : at + len(put)] = put
        raw = raw[: len(body)]
    elif way < 8 and tensors:
        entry = header[rng.choice(tensors)]
        part = rng.choice(("dtype", "shape", "data_offsets", "reshape"))
        if part == "dtype":
            entry[part] = rng.choice(("F64", "F16", "BF16", "I64", "U8", "BOOL", "C64", "F8_E4M3"))
        elif part == "shape":
            entry[part] = rng.choice(([2**62, 4], [0], [-1], [2**31] * 3, [1.5], [], [1] * 40))
        elif part == "reshape":
            entry["shape"] = rng.choice((entry["shape"][::-1], [1, *entry["shape"]]))
        else:
            entry[part] = rng.choice(([0, 2**40], [8, 4], [0, 0], [-1, 3], [0, len(body)]))
    elif way == 8 and tensors:
        name = rng.choice(tensors)
        header[rng.choice(("other", name + ".x", "0." + name))] = header.pop(name)
    text = _dumped(header, rng) if way == 9 else json.dumps(header)
    signed = _signed(text, bytes(raw)) if rng.random() < 0.85 else None
    return signed or _whole(text, bytes(raw))


def _whole(text: str, body: bytes) -> bytes:
    packed = text.encode("utf-8", "replace")
    return struct.pack("<Q", len(packed)) + packed + body


def _signed(text: str, body: bytes) -> bytes | None:
    """Return the file with the checksum of its content, or None if it has no such content."""
    with suppress(Exception):
        header = json.loads(text)
        notes = {k: v for k, v in header["__metadata__"].items() if k != "sha256"}
        kinds = {"F64": "f8", "F32": "f4", "F16": "f2", "I64": "i8", "I32": "i4", "U8": "u1"}
        kinds |= {"BOOL": "?", "U32": "u4"}
        arrays = {}
        for name, entry in header.items():
            if name != "__metadata__":
                start, stop = entry["data_offsets"]
                flat = np.frombuffer(body[start:stop], "<" + kinds[entry["dtype"]])
                arrays[name] = flat.reshape(entry["shape"])
        header["__metadata__"] = {**notes, "sha256": _checksum(notes, arrays)}
        return _whole(json.dumps(header), body)
    return None


_SHAPES = ("(3,)", "(10**9,)", "(2**40, 2**40)", "(-1,)", "()", "(0, 10**15)", "('a',)", "3", "x")
_TYPES = ("|O", "<f8", ">f8", "<c16", "|V1000000000", "<U100000000", "|b1", "<i8", "nonsense")


def _npy_header(content: bytes, rng: Random) -> bytes:
    shape = rng.choice(_SHAPES).replace("10**9", str(10**9)).replace("2**40", str(2**40))
    shape = shape.replace("10**15", str(10**15))
    words = f"{{'descr': '{rng.choice(_TYPES)}', 'fortran_order': False, 'shape': {shape}, }}"
    words = rng.choice((words, words, words[:-9], "(" * 5000, "__import__('os')", "[" + words))
    version = rng.choice((b"\1\0", b"\1\0", b"\2\0", b"\3\0", b"\x09\0"))
    text = words.encode() + b"\n"
    length = struct.pack("<H" if version == b"\1\0" else "<I", len(text))
    return b"\x93NUMPY" + version + length + text + content[128:]


def _npy(content: bytes, rng: Random) -> bytes:
    return _npy_header(content, rng) if rng.random() < 0.7 else _numbers_early(content, rng, 128)


def _npz(content: bytes, rng: Random) -> bytes:
    """Change a member, promise much, overlap, repeat a name, or lie in the directory."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    way, file = rng.randrange(8), io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            if way == 0 and rng.random() < 0.6:
                data = _npy(data, rng)
            elif way == 1 and rng.random() < 0.6:
                data = _bytes(data, rng)
            archive.writestr(name, data)
        if way == 2:
            head = np.lib.format.header_data_from_array_1_0(np.zeros(1))
            head["shape"] = (rng.choice((10**5, 10**6)),)
            bomb = io.BytesIO()
            np.lib.format.write_array_header_1_0(bomb, head)
            archive.writestr("bomb.npy", bomb.getvalue() + bytes(8 * head["shape"][0]))
        elif way == 3:
            name = rng.choice(("../../x.npy", "/etc/x", "folder/", "x", "inputs.npy", "a" * 3000))
            archive.writestr(name, rng.choice((b"", rng.randbytes(50), content)))
    raw = bytearray(file.getvalue())
    if way == 4:  # the directory says something else
        at = raw.find(b"PK\1\2") + rng.choice((8, 10, 20, 24, 28, 42))
        raw[at : at + 4] = struct.pack("<I", rng.choice(_NUMBERS) % 2**32)
    elif way == 5:  # every member is the first one
        at = raw.find(b"PK\1\2")
        while at >= 0:
            raw[at + 42 : at + 46] = bytes(4)
            at = raw.find(b"PK\1\2", at + 4)
    elif way == 6:
        return _numbers_early(bytes(raw), rng, len(raw))
    return bytes(raw)


_CELLS = (
    "", " ", "nan", "inf", "-inf", "1e999", "1e-999", "0x10", "1_000", "١٢", "1,5", "=1+1", '"',
    "'", '"a,b"', "1" * 400, "x" * 140_000, "\0", "\r", "\v", "\x85", "1 2 3", "-", "+", "1j",
    "True", "é", "1e300", "-1e300", "1e18", "0", "1e-320",
)  # fmt: skip


def _table(content: bytes, rng: Random) -> bytes:
    """Change cells, lines, delimiters or the encoding of a table."""
    text, way = content.decode(), rng.randrange(8)
    lines = text.splitlines()
    mark = next((each for each in ",\t " if each in lines[-1]), ",")
    for _ in range(rng.choice((1, 1, 2, 4))):
        i = rng.randrange(len(lines))
        cells = lines[i].split(mark)
        cells[rng.randrange(len(cells))] = rng.choice(_CELLS)
        lines[i] = mark.join(cells)
    if way == 0:
        lines *= rng.choice((2, 60))
    elif way == 1:
        lines = [line.replace(mark, rng.choice(";,\t |")) for line in lines]
    elif way == 2:
        lines.insert(rng.randrange(len(lines) + 1), rng.choice(("", '"', mark * 5000, "\ufeff")))
    elif way == 3:
        del lines[rng.randrange(len(lines))]
    found = rng.choice(("\n", "\n", "\r", "\r\n")).join(lines)
    return found.encode(rng.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16")), "replace")


def _packed(content: bytes, rng: Random) -> bytes:
    inside = gzip.decompress(content)
    way = rng.randrange(3)
    if way == 0:
        return gzip.compress(_numbers_early(inside, rng, 16))
    if way == 1:
        return gzip.compress(inside[:16] + bytes(rng.choice((10**5, 3 * 10**6))))
    return _numbers_early(content, rng, 20)


def _picture(content: bytes, rng: Random) -> bytes:
    """Let the header of a picture lie about sizes and types."""
    if content.startswith(b"\x89PNG") and rng.random() < 0.7:
        return _png(content, rng)
    if content[:1] == b"P" and rng.random() < 0.7:
        sizes = rng.choice((b"99999 99999", b"-1 2", b"1" * 400 + b" 1", b"0 0", b"1e9 3", b"# x"))
        return content[:2] + b"\n" + sizes + b"\n255\n" + content[12:]
    if content[:2] in (b"II", b"MM") and rng.random() < 0.7:
        return _tiff(content, rng)
    return _numbers_early(content, rng, rng.choice((32, 64, len(content))))


def _png(content: bytes, rng: Random) -> bytes:
    """Change the chunks of a PNG; their checksums are right again."""
    chunks, at = [], 8
    while at + 12 <= len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        chunks.append((content[at + 4 : at + 8], content[at + 8 : at + 8 + length]))
        at += 12 + length
    kind, data = chunks[0]
    way = rng.randrange(5)
    if way < 2:
        sizes = [rng.choice((*_NUMBERS, 5000, 16_000)) for _ in range(2)]
        data = struct.pack(">II", *sizes) + data[8:]
    elif way == 2:
        data = data[:8] + bytes(rng.choice((0, 1, 2, 3, 4, 6, 8, 16, 255)) for _ in range(5))
    elif way == 3:
        long = zlib.compress(bytes(rng.choice((10**5, 10**7))))
        own = {b"zTXt": b"a\0\0" + long, b"iCCP": b"a\0\0" + long, b"iTXt": b"a\0\1\0\0\0" + long}
        own |= {b"IDAT": long, b"eXIf": rng.randbytes(40), b"tRNS": rng.randbytes(3)}
        own |= {b"acTL": struct.pack(">II", 2**31, 0), b"PLTE": rng.randbytes(rng.randrange(9))}
        chunks.insert(rng.randrange(1, len(chunks)), rng.choice(sorted(own.items())))
    else:
        chunks.insert(rng.randrange(len(chunks)), chunks.pop(rng.randrange(len(chunks))))
    if way < 3:
        chunks[0] = kind, data
    whole = content[:8]
    for name, inside in chunks:
        checksum = struct.pack(">I", zlib.crc32(name + inside))
        whole += struct.pack(">I", len(inside)) + name + inside + checksum
    return whole


def _tiff(content: bytes, rng: Random) -> bytes:
    """Change entries of the directory of a TIFF."""
    data, order = bytearray(content), "<" if content[:2] == b"II" else ">"
    (start,) = struct.unpack(order + "I", data[4:8])
    (count,) = struct.unpack(order + "H", data[start : start + 2])
    for _ in range(rng.choice((1, 1, 2))):
        at = start + 2 + 12 * rng.randrange(max(count, 1))
        offset, width = rng.choice(((0, "H"), (2, "H"), (4, "I"), (8, "I")))
        number = rng.choice((*_NUMBERS, 254, 257, 259, 262, 273, 277, 279, 317, 34_675))
        put = struct.pack(order + width, number % 2 ** (8 * struct.calcsize(width)))
        data[at + offset : at + offset + len(put)] = put
    return bytes(data)


def _graph(content: bytes, rng: Random) -> bytes:
    """Change the nodes of a graph of NIR."""
    file, whole = opened(content)
    with whole:
        names: list[str] = []
        whole.visit(names.append)
        for _ in range(rng.choice((1, 1, 2, 3))):
            with suppress(Exception):  # what was changed before may be changed no more
                _change_entry(whole, rng.choice(names), rng)
    return file.getvalue()


_VALUES = (
    np.nan, np.inf, -1.0, 0, 1e300, np.ones(5), np.ones((2, 7)), b"x", "LIF", "é" * 99, True,
    np.array([], float), [["a", "b"]], [["input", "input"]], 1 + 2j,
)  # fmt: skip


def _change_entry(whole: h5py.File, name: str, rng: Random) -> None:
    way, entry = rng.randrange(8), whole[name]
    if way == 0:
        del whole[name]
    elif way == 1:
        parent = whole[name].parent
        parent["loop"] = rng.choice((parent, h5py.SoftLink("/nowhere"), whole["/"]))
    elif way == 2:
        outside = rng.choice((h5py.ExternalLink("/etc/passwd", "x"), h5py.SoftLink(name)))
        del whole[name]
        whole[name] = outside
    elif way == 3:
        del whole[name]
        shape = rng.choice(((10**6,), (10**5, 10**5), (2**40,), (3, 10**9)))
        whole.create_dataset(name, shape, "f4", chunks=tuple(min(each, 64) for each in shape))
    elif isinstance(entry, h5py.Dataset):
        del whole[name]
        whole[name] = rng.choice(_VALUES)
    else:
        entry.attrs["x" * rng.choice((1, 300))] = rng.choice((1, "a"))
        with suppress(ValueError, KeyError):
            whole.move(name, name + rng.choice(("x", "é", "/deep/er")))

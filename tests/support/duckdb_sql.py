"""DuckDB in tests, through the library that strata itself loads."""
import ctypes
import os
import pathlib
import unittest


class _Result(ctypes.Structure):
    _fields_ = [("counts", ctypes.c_uint64 * 3), ("columns", ctypes.c_void_p), ("message", ctypes.c_char_p),
                ("internal", ctypes.c_void_p)]


def need_duckdb():
    """The path of the library; the test is skipped where it is not."""
    path = pathlib.Path(os.environ.get("STRATA_DUCKDB_LIBRARY", "/nowhere"))
    if not path.exists():
        raise unittest.SkipTest("skipped: libduckdb not found")
    return path


def run(sql, folder, database=None):
    """Run statements, "{folder}" in them being the folder; `database` is a file in it."""
    library = ctypes.CDLL(str(need_duckdb()))
    library.duckdb_result_error.restype = ctypes.c_char_p
    handle, connection, result = ctypes.c_void_p(), ctypes.c_void_p(), _Result()
    path = str(pathlib.Path(folder) / database).encode() if database else None
    assert library.duckdb_open(path, ctypes.byref(handle)) == 0
    assert library.duckdb_connect(handle, ctypes.byref(connection)) == 0
    try:
        statement = sql.replace("{folder}", str(folder).replace("'", "''"))
        failed = library.duckdb_query(connection, statement.encode(), ctypes.byref(result))
        message = library.duckdb_result_error(ctypes.byref(result))
        assert not failed, message
    finally:
        library.duckdb_destroy_result(ctypes.byref(result))
        library.duckdb_disconnect(ctypes.byref(connection))
        library.duckdb_close(ctypes.byref(handle))

"""A snapshot in pandas, by the lines that the interface promises, and logs that become runs."""
import gzip

import h5py
import numpy as np
import pandas as pd


def read_customers(path):
    """/customers as a DataFrame indexed by customer id."""
    with h5py.File(path) as f:
        customers = pd.DataFrame({name: column[:] for name, column in f["customers"].items()})
        ids = [id.decode() for id in f["keys/customer_id"][:]]
    assert (customers["customer"] == np.arange(len(ids))).all()
    customers.index = pd.Index(ids, name="id")
    return customers


def datasets(path, *groups):
    """Every dataset of the groups as bytes: {path: (dtype, shape, bytes)}."""
    found = {}
    with h5py.File(path) as f:
        for group in groups:
            def keep(name, thing, group=group):
                if isinstance(thing, h5py.Dataset):
                    found[f"/{group}/{name}"] = (thing.dtype.str, thing.shape, thing[...].tobytes())
            if group in f:
                f[group].visititems(keep)
    return found


def label_names(path, column="segment"):
    """Label value -> English name, from the attributes of the column."""
    with h5py.File(path) as f:
        attributes = f["customers"][column].attrs
        return dict(zip(attributes["flag_values"].tolist(), attributes["flag_names"]))


def unpack(packed, path):
    with gzip.open(packed) as source:
        path.write_bytes(source.read())
    return path


def online_retail(path):
    """The log as pandas reads it: texts, with the exact amount in 10^-4 currency units."""
    raw = pd.read_csv(path, dtype=str, keep_default_na=False)
    cents4 = raw["UnitPrice"].map({text: round_exactly(text) for text in raw["UnitPrice"].unique()})
    return pd.DataFrame({
        "customer": raw["CustomerID"],
        "order": raw["InvoiceNo"],
        "category": raw["StockCode"],
        "time": raw["InvoiceDate"],
        "quantity": raw["Quantity"].astype(np.int64),
        "price": cents4,
        "amount": raw["Quantity"].astype(np.int64) * cents4,
        "day": day_of(pd.to_datetime(raw["InvoiceDate"])),
    })


def round_exactly(text, decimals=4):
    """A decimal text as an integer of 10^-decimals."""
    sign = -1 if text.startswith("-") else 1
    whole, _, fraction = text.lstrip("+-").partition(".")
    assert len(fraction.rstrip("0")) <= decimals
    return sign * (int(whole or 0) * 10**decimals + int(fraction[:decimals].ljust(decimals, "0")))


def day_of(times):
    return (times.dt.normalize() - pd.Timestamp("1970-01-01")).dt.days.astype(np.int64)

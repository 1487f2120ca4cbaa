"""The features, scores and segments of DEFINITIONS, computed a second time with pandas and integers, for comparison.

A log is a DataFrame with the columns customer (text), day (days since 1970-01-01), amount (int, 10^-4 currency units),
and order (text) where orders are mapped.
"""
import math

import numpy as np
import pandas as pd

SCALE = 10_000
MISSING = np.iinfo(np.int32).min
WINDOWS = {"30d": (0, 30), "90d": (0, 90), "180d": (0, 180), "365d": (0, 365), "prior_90d": (91, 180)}


def money(minor):
    return minor.astype(np.float64) / SCALE


def features(log, as_of, returns="net"):
    """One row per customer, indexed by id; `log` has no row that the policy excludes."""
    customers = pd.Index(sorted(log["customer"].unique()), name="customer")
    purchases, backs = log[log["amount"] >= 0], log[log["amount"] < 0]
    spend = purchases if returns == "separate" else log
    out = pd.DataFrame(index=customers)

    def per_customer(frame, how):
        return how(frame.groupby("customer")).reindex(customers)

    def count(values):
        return values.fillna(0).astype(np.int32)

    def total(frame):
        return per_customer(frame, lambda groups: groups["amount"].sum()).fillna(0).astype(np.int64)

    first, last = per_customer(purchases, lambda g: g["day"].min()), per_customer(purchases, lambda g: g["day"].max())
    out["recency"] = (as_of - last).astype(np.float32)
    out["tenure"] = (as_of - first).astype(np.float32)
    out["purchase_span"] = (last - first).astype(np.float32)
    out["first_purchase_day"] = first.fillna(MISSING).astype(np.int32)
    out["last_purchase_day"] = last.fillna(MISSING).astype(np.int32)

    out["transactions"] = count(per_customer(purchases, lambda g: g.size()))
    if "order" in log:
        orders = purchases.groupby(["customer", "order"]).agg(day=("day", "min"), amount=("amount", "sum"))
        orders = orders.reset_index()
    else:
        orders = purchases
    out["orders"] = out["frequency"] = count(per_customer(orders, lambda g: g.size()))
    days = purchases[["customer", "day"]].drop_duplicates().sort_values(["customer", "day"])
    out["purchase_days"] = count(per_customer(days, lambda g: g.size()))

    monetary = total(spend)
    out["monetary"] = money(monetary)
    out["average_order"] = (out["monetary"] / out["orders"].replace(0, np.nan)).astype(np.float64)
    out["largest_order"] = per_customer(orders, lambda g: g["amount"].max()) / SCALE

    gaps = days.assign(gap=days.groupby("customer")["day"].diff()).dropna()
    gap_mean = per_customer(gaps, lambda g: g["gap"].mean())
    out["gap_mean"] = gap_mean.astype(np.float32)
    out["gap_sd"] = per_customer(gaps, lambda g: g["gap"].std(ddof=1)).astype(np.float32)
    out["days_over_gap"] = ((as_of - last) - gap_mean).astype(np.float32)

    for name, (youngest, oldest) in WINDOWS.items():
        inside = spend[(as_of - spend["day"]).between(youngest, oldest)]
        out[f"spend_{name}"] = money(total(inside))
        inside = orders[(as_of - orders["day"]).between(youngest, oldest)]
        out[f"orders_{name}"] = count(per_customer(inside, lambda g: g.size()))

    out["returns"] = count(per_customer(backs, lambda g: g.size()))
    out["returned_amount"] = money(-total(backs))
    return out


def quantile_score(value, lower_is_better, levels=5):
    """1 + the thresholds strictly below; threshold i is the ceil(n i / L)-th smallest."""
    goodness = -value if lower_is_better else value
    present = np.sort(goodness.dropna().to_numpy())
    n = len(present)
    edges = [present[math.ceil(n * i / levels) - 1] for i in range(1, levels)]
    return 1 + sum((goodness > edge).astype(int) for edge in edges)


def ntile_score(value, lower_is_better, levels=5):
    """SQL's NTILE over (goodness, id); a missing value is at the lowest level."""
    goodness = -value if lower_is_better else value
    frame = pd.DataFrame({"goodness": goodness, "bytes": [id.encode() for id in value.index]}, index=value.index)
    ordered = frame.dropna().sort_values(["goodness", "bytes"], kind="stable")
    n = len(ordered)
    large, size = n % levels, n // levels
    score = np.concatenate([np.full(size + (level < large), level + 1) for level in range(levels)])
    return pd.Series(score, index=ordered.index).reindex(value.index).fillna(1).astype(int)


def mean_score(value, lower_is_better):
    """1 at the mean or on its better side; the mean is correctly rounded."""
    mean = math.fsum(value.dropna()) / value.count()
    return ((value <= mean) if lower_is_better else (value >= mean)).astype(int)


def r_rfm_score(value, lower_is_better, levels=5):
    """Type-7 quantiles + 1 as edges, intervals [lower, upper), numbered from the other end where lower is better."""
    edges = np.quantile(value.dropna().to_numpy(np.float64), [i / levels for i in range(1, levels)]) + 1
    level = 1 + sum((value >= edge).astype(int) for edge in edges)
    return levels + 1 - level if lower_is_better else level


def fixed_score(value, lower_is_better, cuts):
    return 1 + sum(((value <= cut) if lower_is_better else (value >= cut)).astype(int) for cut in cuts)


VIGNETTE = [  # name, R, F, M; the first match wins
    ("Champions", (4, 5), (4, 5), (4, 5)),
    ("Loyal Customers", (2, 5), (3, 5), (3, 5)),
    ("Potential Loyalist", (3, 5), (1, 3), (1, 3)),
    ("New Customers", (4, 5), (1, 1), (1, 1)),
    ("Promising", (3, 4), (1, 1), (1, 1)),
    ("Need Attention", (2, 3), (2, 3), (2, 3)),
    ("About To Sleep", (2, 3), (1, 2), (1, 2)),
    ("At Risk", (1, 2), (2, 5), (2, 5)),
    ("Can't Lose Them", (1, 1), (4, 5), (4, 5)),
    ("Lost", (1, 2), (1, 2), (1, 2)),
]

R_0_3_0 = [
    ("Champions", (5, 5), (5, 5), (5, 5)),
    ("Potential Loyalist", (3, 5), (3, 5), (2, 5)),
    ("Loyal Customers", (2, 4), (2, 4), (2, 4)),
    ("Promising", (3, 4), (1, 3), (3, 5)),
    ("New Customers", (4, 5), (1, 3), (1, 5)),
    ("Can't Lose Them", (1, 2), (3, 4), (4, 5)),
    ("At Risk", (1, 2), (2, 5), (4, 5)),
    ("Need Attention", (1, 3), (3, 5), (3, 5)),
    ("About To Sleep", (2, 3), (1, 3), (1, 4)),
    ("Lost", (1, 1), (1, 5), (1, 5)),
]

CHINESE = [
    ("Important Value", (1, 1), (1, 1), (1, 1)),
    ("Important Growth", (1, 1), (0, 0), (1, 1)),
    ("Important Keep", (0, 0), (1, 1), (1, 1)),
    ("Important Win-back", (0, 0), (0, 0), (1, 1)),
    ("General Value", (1, 1), (1, 1), (0, 0)),
    ("General Growth", (1, 1), (0, 0), (0, 0)),
    ("General Keep", (0, 0), (1, 1), (0, 0)),
    ("General Win-back", (0, 0), (0, 0), (0, 0)),
]

DEFAULT = {  # R -> the names for round((F + M) / 2) = 1..5
    5: ["New Customers", "Potential Loyalists", "Potential Loyalists", "Loyal Customers", "Champions"],
    4: ["Promising", "Potential Loyalists", "Potential Loyalists", "Loyal Customers", "Champions"],
    3: ["About To Sleep", "About To Sleep", "Need Attention", "Loyal Customers", "Loyal Customers"],
    2: ["Hibernating", "Hibernating", "At Risk", "At Risk", "Can't Lose Them"],
    1: ["Lost", "Lost", "At Risk", "At Risk", "Can't Lose Them"],
}


def segment_of_rules(rules, r, f, m):
    for name, *ranges in rules:
        if all(low <= score <= high for (low, high), score in zip(ranges, (r, f, m))):
            return name
    return "Others"


def segments(scores, map_name):
    """scores: DataFrame with r_score, f_score, m_score."""
    rows = zip(scores["r_score"], scores["f_score"], scores["m_score"])
    if map_name == "default":
        names = [DEFAULT[r][math.floor((f + m) / 2 + 0.5) - 1] for r, f, m in rows]
    else:
        rules = {"r-vignette": VIGNETTE, "r-0.3.0": R_0_3_0, "chinese-8": CHINESE}[map_name]
        names = [segment_of_rules(rules, r, f, m) for r, f, m in rows]
    return pd.Series(names, index=scores.index)

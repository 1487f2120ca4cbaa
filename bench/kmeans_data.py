"""Rows to compare k-means on, float32, by seed."""
import numpy


def mixture(n, d, k, seed=1):
    """k normal clouds that overlap, so that there is something left to do in every iteration."""
    rng = numpy.random.default_rng(seed)
    rows = rng.standard_normal((n, d), dtype=numpy.float32)
    centres = 2 * rng.standard_normal((k, d), dtype=numpy.float32)
    for first in range(0, n, 1 << 18):
        part = rows[first:first + (1 << 18)]
        part += centres[rng.integers(k, size=len(part))]
    return rows


def _standardised_logs(raw):
    points = numpy.log1p(raw)
    return ((points - points.mean(axis=0)) / points.std(axis=0)).astype(numpy.float32)


def customers(n, seed=2):
    """Recency, frequency and money as a shop's customers have them: log1p, standardised."""
    rng = numpy.random.default_rng(seed)
    rate = rng.gamma(0.8, 4.0, n)
    raw = numpy.stack([rng.exponential(40 + 600 / (1 + rate)), rng.poisson(rate) + 1.0,
                       (rng.poisson(rate) + 1) * rng.lognormal(3.5, 0.8, n)], axis=1)
    raw[:, 0] = numpy.floor(raw[:, 0])
    return _standardised_logs(raw)


def s1_like(n, seed):
    """15 round clouds in the plane, some of which touch (Franti, Virmajoki, Pattern Recognition 39, 2006)."""
    rng = numpy.random.default_rng(seed)
    centres = rng.uniform(0, 1e6, (15, 2))
    return (centres[rng.integers(15, size=n)] + rng.normal(0, 3.5e4, (n, 2))).astype(numpy.float32)


def cdnow(path):
    """Recency, frequency and money of the customers of CDNOW's log: log1p, standardised."""
    customer, date, _, amount = numpy.loadtxt(path, skiprows=1, unpack=True)
    date = numpy.array([f"{day:.0f}" for day in date])
    day = numpy.array([f"{text[:4]}-{text[4:6]}-{text[6:]}" for text in date], dtype="datetime64[D]").astype(int)
    _, who = numpy.unique(customer, return_inverse=True)
    last = numpy.zeros(who.max() + 1, dtype=int)
    numpy.maximum.at(last, who, day)
    return _standardised_logs(numpy.stack([day.max() - last + 1, numpy.bincount(who), numpy.bincount(who, amount)], axis=1))

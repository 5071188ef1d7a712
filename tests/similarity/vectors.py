"""Sets of vectors that products of rounded numbers find hard to tell apart."""

import numpy as np
from hypothesis import strategies as st


@st.composite
def two_sets(draw):
    """5 and 19 vectors of one type and any length; some of the second set are nearly, or exactly, in the first."""
    dimensions, mean = draw(st.integers(1, 1300)), draw(st.floats(-50, 50))
    dtype = draw(st.sampled_from([np.uint8, np.float16, np.float32, np.float64]))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    a, b = (random.normal(mean, 10, (size, dimensions)) for size in (5, 19))
    b[:5] = a * random.choice([1, 1.001, 2], (5, 1)) + random.choice([0, 1e-3, 1], (5, 1))
    if dtype == np.uint8:
        a, b = (x.clip(0, 255) for x in (a, b))
    return a.astype(dtype), b.astype(dtype)
